//! Fetches a URL and writes its body to standard output, with a bar of progress for long downloads:
//! `cargo run --release --example fetch -- http://localhost:8888/ > page.html`, and `--help` for the
//! rest. Exits with 1 if the fetch fails or the status is no success.

mod bar;
mod flags;

use std::error::Error;
use std::io::{self, Write};
use std::process::ExitCode;

use bar::Bar;
use clap::Parser;
use flags::Flags;
use waterspout::http::client::{ClientConfig, CookieJar, HttpClient, StreamedResponse};
use waterspout::net::IoLoop;

fn main() -> ExitCode {
    let flags = Flags::parse();
    let fetched = IoLoop::new()
        .map_err(Into::into)
        .and_then(|io_loop| io_loop.run_sync(fetch(&flags, &mut io::stdout().lock())));
    match fetched {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fetch: {}", chain(&*error));
            ExitCode::FAILURE
        }
    }
}

/// An error and its causes, on one line.
fn chain(error: &(dyn Error + 'static)) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text.push_str(&format!(": {cause}"));
        next = cause.source();
    }
    text
}

async fn fetch(flags: &Flags, out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let config = ClientConfig::default().cookie_jar(CookieJar::new());
    let client = HttpClient::with_config(config.proxies_from_env()?);
    for _ in 0..flags.repeat {
        let mut response = client.fetch_stream(flags.request().await?).await?;
        let octets = copy(&mut response, out).await?;
        let status = response.status();
        if !status.is_success() {
            return Err(format!("{status} after {octets} octets").into());
        }
    }
    Ok(())
}

/// Writes the body as it comes, and how far it is.
async fn copy(
    response: &mut StreamedResponse,
    out: &mut impl Write,
) -> Result<u64, Box<dyn Error>> {
    let mut bar = Bar::new(response.content_length());
    while let Some(piece) = response.chunk().await? {
        out.write_all(&piece)?;
        bar.add(piece.len() as u64);
    }
    out.flush()?;
    bar.finish();
    Ok(bar.done)
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    /// Answers one request.
    fn server(answer: &'static str) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("it is bound");
        thread::spawn(move || {
            use std::io::Read;
            let (mut socket, _) = listener.accept()?;
            let mut head = [0; 4096];
            _ = socket.read(&mut head)?;
            socket.write_all(answer.as_bytes())
        });
        address.to_string()
    }

    fn fetched(answer: &'static str) -> Result<String, String> {
        let flags = Flags::parse_from(["fetch", &server(answer)]);
        let mut out = Vec::new();
        let io_loop = IoLoop::new().expect("a loop can be made");
        let fetched = io_loop.run_sync(fetch(&flags, &mut out));
        let text = String::from_utf8_lossy(&out).into_owned();
        fetched.map(|()| text).map_err(|error| chain(&*error))
    }

    #[test]
    fn writes_the_body() {
        let answer = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        assert_eq!(fetched(answer).as_deref(), Ok("hello"));
    }

    #[test]
    fn a_status_that_is_no_success_is_told() {
        let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nno";
        let told = fetched(answer);
        assert_eq!(told, Err("404 Not Found after 2 octets".to_owned()));
    }

    #[test]
    fn an_error_is_told_with_its_causes() {
        let flags = Flags::parse_from(["fetch", "127.0.0.1:1"]);
        let io_loop = IoLoop::new().expect("a loop can be made");
        let error = io_loop
            .run_sync(fetch(&flags, &mut Vec::new()))
            .expect_err("nobody listens");
        let text = chain(&*error);
        assert!(
            text.starts_with("cannot connect to 127.0.0.1:1: "),
            "{text}"
        );
        assert!(text.contains("refused"), "{text}");
    }

    #[test]
    fn parts_and_fields_that_are_none_are_told() {
        let io_loop = IoLoop::new().expect("a loop can be made");
        for (flag, value, what) in [
            ("-H", "x", "no colon"),
            ("-F", "x", "no ="),
            ("-F", "x=@/no/such/file", "/no/such/file: "),
            ("-d", "@/no/such/file", "/no/such/file: "),
            ("-x", "gopher://x", "unsupported scheme"),
        ] {
            let flags = Flags::parse_from(["fetch", "127.0.0.1:1", flag, value]);
            let error = io_loop
                .run_sync(flags.request())
                .expect_err(what)
                .to_string();
            assert!(error.contains(what), "{error}");
        }
    }
}
