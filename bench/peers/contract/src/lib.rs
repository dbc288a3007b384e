//! What every peer promises the runner: its flags and its first line on stdout.
//!
//! The contract is that of Waterspout's `testbed` example, so that the runner starts all programs alike.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::time::Duration;

use nix::time::{ClockId, clock_gettime};

/// The flags every peer knows.
#[derive(Debug)]
pub struct Flags {
    /// Port on 127.0.0.1; 0 lets the system choose. Default: 0.
    pub port: u16,
    /// Directory to serve under `/static/`.
    pub static_files: Option<String>,
    /// Compress responses.
    pub compress: bool,
    /// Secret that cookies are signed with.
    pub cookie_secret: Option<String>,
    /// Arguments this crate does not know, for the peer itself.
    pub rest: Vec<String>,
}

impl Flags {
    /// Reads `--port N`, `--workers 1`, `--static DIR`, `--compress` and `--cookie-secret S` from the command line and keeps the rest.
    ///
    /// # Panics
    ///
    /// When a value is missing, is no number, or asks for more than one worker.
    pub fn from_args() -> Self {
        let mut flags = Self {
            port: 0,
            static_files: None,
            compress: false,
            cookie_secret: None,
            rest: Vec::new(),
        };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            match arg.as_str() {
                "--port" => flags.port = number(args.next()),
                "--workers" => assert_eq!(number(args.next()), 1, "a peer runs one loop"),
                "--static" => flags.static_files = args.next(),
                "--compress" => flags.compress = true,
                "--cookie-secret" => flags.cookie_secret = args.next(),
                _ => flags.rest.push(arg),
            }
        }
        flags
    }

    /// Refuses whatever the peer has not taken out of `rest`.
    ///
    /// # Panics
    ///
    /// When an argument is left.
    pub fn refuse_rest(&self) {
        assert!(self.rest.is_empty(), "unknown arguments: {:?}", self.rest);
    }
}

/// Binds the loopback listener, non-blocking, with the system's usual backlog.
///
/// # Panics
///
/// When the port is taken.
pub fn bind(port: u16) -> TcpListener {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).expect("the port is free");
    listener
        .set_nonblocking(true)
        .expect("a fresh listener takes the flag");
    listener
}

/// Prints the line the runner waits for.
///
/// # Panics
///
/// When stdout is closed.
pub fn announce(address: SocketAddr) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "listening on http://{address}").expect("stdout is open");
    out.flush().expect("stdout is open");
}

/// Returns the CPU time that this process has used, of all its threads and in the kernel too.
pub fn cpu_time() -> Duration {
    let time = clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).expect("the system has the clock");
    time.into()
}

fn number(value: Option<String>) -> u16 {
    value
        .and_then(|text| text.parse().ok())
        .expect("the flag takes a number")
}

/// A page of a little more than 10 KiB, as a list of links is.
#[must_use]
pub fn page() -> String {
    let mut page = String::from("<!DOCTYPE html>\n<title>Stories</title>\n<ol>\n");
    let mut seed = 17_u32;
    while page.len() < 10 * 1024 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (story, user, points) = (seed >> 12, seed >> 22, seed >> 24);
        page += &format!(
            "<li class=\"story\"><a href=\"/story/{story}\">Story {story}</a> by \
             <a href=\"/user/{user}\">user {user}</a>, {points} points</li>\n"
        );
    }
    page + "</ol>\n"
}
