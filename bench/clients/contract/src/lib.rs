//! What every client that is measured has in common: its flags, its budget of requests, its report.

use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// The flags of a client.
#[derive(Debug, Clone)]
pub struct Options {
    /// What to fetch.
    pub url: String,
    /// Requests under way at a time.
    pub concurrency: usize,
    /// Requests before the measurement.
    pub warmup: u64,
    /// Requests that are measured.
    pub requests: u64,
    /// Octets of the body that every response has.
    pub body: usize,
}

impl Options {
    /// Reads `--target HOST:PORT --requests N --warmup N --concurrency N --body OCTETS`.
    ///
    /// # Panics
    ///
    /// When a flag is unknown or has no number.
    #[must_use]
    pub fn from_args() -> Self {
        let mut options = Self {
            url: String::new(),
            concurrency: 64,
            warmup: 1000,
            requests: 10_000,
            body: 13,
        };
        let mut flags = std::env::args().skip(1);
        while let Some(flag) = flags.next() {
            let value = flags
                .next()
                .unwrap_or_else(|| panic!("{flag} has no value"));
            let number = || {
                value
                    .parse()
                    .unwrap_or_else(|_| panic!("{flag} {value:?} is no number"))
            };
            match flag.as_str() {
                "--target" => options.url = format!("http://{value}/plaintext"),
                "--requests" => options.requests = number(),
                "--warmup" => options.warmup = number(),
                "--concurrency" => options.concurrency = usize::try_from(number()).unwrap_or(64),
                "--body" => options.body = usize::try_from(number()).unwrap_or(0),
                _ => panic!("unknown flag {flag}"),
            }
        }
        options
    }
}

/// Requests that are still to be made.
#[derive(Debug)]
pub struct Budget(AtomicU64);

impl Budget {
    /// So many requests.
    #[must_use]
    pub fn new(requests: u64) -> Self {
        Self(AtomicU64::new(requests))
    }

    /// Takes one; false if there is none left.
    pub fn take(&self) -> bool {
        let left = |left: u64| left.checked_sub(1);
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, left)
            .is_ok()
    }
}

/// Time and CPU time since a moment.
#[derive(Debug)]
pub struct Measurement {
    began: Instant,
    cpu: u64,
}

impl Measurement {
    /// Begins.
    #[must_use]
    pub fn begin() -> Self {
        Self {
            cpu: cpu_nanos(),
            began: Instant::now(),
        }
    }

    /// Ends, and prints one line of JSON.
    pub fn report(&self, requests: u64) {
        let nanos = self.began.elapsed().as_nanos();
        let cpu = cpu_nanos() - self.cpu;
        println!("{{\"requests\": {requests}, \"nanos\": {nanos}, \"cpu_nanos\": {cpu}}}");
    }
}

/// Nanoseconds of CPU that the scheduler has charged to the threads of this process.
fn cpu_nanos() -> u64 {
    let tasks = fs::read_dir("/proc/self/task")
        .into_iter()
        .flatten()
        .flatten();
    let texts = tasks.filter_map(|task| fs::read_to_string(task.path().join("schedstat")).ok());
    let first = |text: String| text.split_whitespace().next()?.parse::<u64>().ok();
    texts.filter_map(first).sum()
}
