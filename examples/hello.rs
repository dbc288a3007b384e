//! The smallest application: `cargo run --release --example hello`, then open
//! <http://127.0.0.1:8888/>.

use waterspout::{Application, Context, HttpServer, Result};

async fn hello(_cx: &mut Context) -> &'static str {
    "Hello, world"
}

fn main() -> Result<()> {
    HttpServer::new(|| Application::new(()).get("/", hello))
        .listen(8888)?
        .run()
}
