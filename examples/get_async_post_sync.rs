//! One path whose GET waits and whose POST does not, on port 9090:
//! `cargo run --release --example get_async_post_sync`, then `curl localhost:9090/` and
//! `curl -d '' localhost:9090/`.
//!
//! Many introductions to Tornado begin with this program, where a decorator makes the one method
//! asynchronous. Here both are `async fn`; one of them awaits something.

use std::time::Duration;

use clap::Parser;
use waterspout::{Application, Context, HttpServer, RequestHandler, Result};

#[derive(Debug, Parser)]
struct Flags {
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 9090)]
    port: u16,
}

#[derive(Clone)]
struct Hello;

impl RequestHandler for Hello {
    /// Other requests are answered while this one waits.
    async fn get(&mut self, cx: &mut Context) -> Result {
        tokio::time::sleep(Duration::from_millis(100)).await;
        cx.write("Hello, world")
    }

    async fn post(&mut self, cx: &mut Context) -> Result {
        cx.write("Hello, world")
    }
}

fn app() -> Application {
    Application::new(()).route("/", Hello)
}

fn main() -> Result {
    let flags = Flags::parse();
    let server = HttpServer::new(app).listen(flags.port)?;
    for address in server.addresses() {
        println!("listening on {address}");
    }
    server.run()
}

#[cfg(test)]
mod tests {
    use waterspout::http::client::HttpRequest;
    use waterspout::net::IoLoop;
    use waterspout::testing::serve;

    use super::*;

    #[test]
    fn a_post_is_answered_while_a_get_waits() {
        IoLoop::new().unwrap().run_sync(async {
            let server = serve(app());
            let post = HttpRequest::post(server.url("/")).with_body("");
            let mut waiting = std::pin::pin!(server.get("/"));
            let first = tokio::select! {
                biased;
                response = &mut waiting => ("GET", response),
                response = server.fetch(post) => ("POST", response),
            };
            assert_eq!(first.0, "POST");
            assert_eq!(first.1.text(), "Hello, world");
            assert_eq!(waiting.await.text(), "Hello, world");
        });
    }
}
