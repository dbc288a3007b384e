//! Fetches a URL and writes its body to standard output, with a bar of progress for long downloads:
//! `cargo run --release --example fetch -- http://localhost:8888/ > page.html`.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use clap::Parser;
use waterspout::http::client::{FetchError, HttpClient, HttpRequest, StreamedResponse};
use waterspout::net::IoLoop;

/// How long a download takes before it is worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);
const WIDTH: usize = 40;

/// Fetches a URL.
#[derive(Debug, Parser)]
struct Flags {
    /// What to fetch; http:// may be left out.
    url: String,
    /// Write the head of the response to standard error.
    #[arg(long)]
    head: bool,
    /// Do not follow redirects.
    #[arg(long)]
    no_redirects: bool,
    /// Seconds without progress after which to give up.
    #[arg(long, default_value_t = 30)]
    idle: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let flags = Flags::parse();
    IoLoop::new()?.run_sync(fetch(&flags, &mut io::stdout().lock()))?;
    Ok(())
}

async fn fetch(flags: &Flags, out: &mut impl Write) -> Result<(), Box<dyn std::error::Error>> {
    let url = match flags.url.contains("://") {
        true => flags.url.clone(),
        false => format!("http://{}", flags.url),
    };
    let mut request = HttpRequest::get(url)
        .follow_redirects(!flags.no_redirects)
        .request_timeout(Duration::ZERO)
        .queue_timeout(Duration::ZERO)
        .idle_timeout(Duration::from_secs(flags.idle))
        .first_byte_timeout(Duration::from_secs(flags.idle));
    if flags.head {
        request = request.header_callback(|line| _ = io::stderr().write_all(line));
    }
    let mut response = HttpClient::new().fetch_stream(request).await?;
    let octets = copy(&mut response, out).await?;
    let status = response.status();
    if !status.is_success() {
        return Err(format!("{status} after {octets} octets").into());
    }
    Ok(())
}

/// Writes the body as it comes, and how far it is.
async fn copy(response: &mut StreamedResponse, out: &mut impl Write) -> io::Result<u64> {
    let mut bar = Bar::new(response.content_length());
    while let Some(piece) = response.chunk().await.map_err(failed)? {
        out.write_all(&piece)?;
        bar.add(piece.len() as u64);
    }
    out.flush()?;
    bar.finish();
    Ok(bar.done)
}

fn failed(error: FetchError) -> io::Error {
    io::Error::other(error.to_string())
}

/// A bar on standard error, if that is a terminal.
struct Bar {
    whole: Option<u64>,
    done: u64,
    began: Instant,
    drawn: Option<Instant>,
    shown: bool,
}

impl Bar {
    fn new(whole: Option<u64>) -> Self {
        Self {
            whole,
            done: 0,
            began: Instant::now(),
            drawn: None,
            shown: io::stderr().is_terminal(),
        }
    }

    fn add(&mut self, octets: u64) {
        self.done += octets;
        let last = self.drawn.unwrap_or(self.began);
        let pause = self.drawn.map_or(PATIENCE, |_| Duration::from_millis(100));
        if self.shown && last.elapsed() >= pause {
            self.drawn = Some(Instant::now());
            eprint!("\r{}", self.line());
        }
    }

    fn finish(&self) {
        if self.drawn.is_some() {
            eprintln!("\r{}", self.line());
        }
    }

    fn line(&self) -> String {
        let mib = |octets: u64| octets as f64 / f64::from(1 << 20);
        let speed = mib(self.done) / self.began.elapsed().as_secs_f64().max(0.001);
        let Some(whole) = self.whole.filter(|whole| *whole > 0) else {
            return format!("{:.1} MiB, {speed:.1} MiB/s ", mib(self.done));
        };
        let share = self.done as f64 / whole as f64;
        let full = (0..WIDTH).filter(|place| (*place as f64) < share * WIDTH as f64);
        let full = full.count();
        format!(
            "[{}{}] {:3.0} % of {:.1} MiB, {speed:.1} MiB/s ",
            "#".repeat(full),
            ".".repeat(WIDTH - full),
            share * 100.0,
            mib(whole)
        )
    }
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
        fetched.map(|()| text).map_err(|error| error.to_string())
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
    fn the_bar_says_how_far_it_is() {
        let mut bar = Bar::new(Some(4 << 20));
        bar.done = 1 << 20;
        let line = bar.line();
        assert!(
            line.starts_with("[##########...") && line.contains("25 % of 4.0 MiB"),
            "{line}"
        );
    }
}
