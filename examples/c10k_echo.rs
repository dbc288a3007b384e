//! Ten thousand connections to an echo server: `cargo run --release --example c10k_echo`. Numbers are
//! arguments: connections per process, and processes, each with a server of its own.
//!
//! Each process opens the connections to itself, so a connection takes two of its open files, and its
//! memory holds both ends. It pings each once, and prints counts and memory.

use std::env;
use std::error::Error;
use std::fmt;
use std::fs;
use std::net::Ipv4Addr;
use std::time::{Duration, Instant};

use waterspout::net::{
    BindOptions, ForkOutcome, IoLoop, IoStream, PeerAddr, StreamError, TcpServer, fork_processes,
    open_files_limit, task_id,
};

/// Open files that are no connections.
const OTHER_FILES: usize = 100;

async fn echo(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
    loop {
        match stream.read_until(b"\n", 100).await {
            Ok(line) => stream.write_bytes(line).await?,
            Err(StreamError::Closed(None)) => return Ok(()),
            Err(error) => return Err(error),
        }
    }
}

/// What happened.
#[derive(Debug, Default)]
struct Report {
    opened: usize,
    answered: usize,
    opening: Duration,
    pinging: Duration,
    /// Octets of memory per connection, both ends.
    memory: usize,
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let worker = task_id().map_or("only".to_owned(), |task| task.to_string());
        write!(
            f,
            "process {worker}: {} opened in {:.2?}, {} answered in {:.2?}, {} octets of memory each",
            self.opened, self.opening, self.answered, self.pinging, self.memory
        )
    }
}

/// Opens `count` connections, pings each once and closes them.
async fn hold(count: usize) -> Result<Report, Box<dyn Error>> {
    let options = BindOptions::default().address("127.0.0.1").backlog(4096);
    let server = TcpServer::new(echo).bind_options(options);
    server.listen(0)?;
    let port = server.local_addrs()[0].port().unwrap_or_default();
    let address = (Ipv4Addr::LOCALHOST, port).into();

    let (before, begin) = (resident(), Instant::now());
    let mut clients = Vec::with_capacity(count);
    for _ in 0..count {
        clients.push(IoStream::connect_tcp(address).await?);
    }
    let opening = begin.elapsed();

    let begin = Instant::now();
    let mut answered = 0;
    for client in &mut clients {
        client.write(b"ping\n").await?;
        if client.read_until(b"\n", 100).await? == "ping\n" {
            answered += 1;
        }
    }
    Ok(Report {
        opened: clients.len(),
        answered,
        opening,
        pinging: begin.elapsed(),
        memory: resident().saturating_sub(before) / count.max(1),
    })
}

/// Octets of memory that this process holds, or 0 where the system does not say.
fn resident() -> usize {
    const PAGE: usize = 4096;
    let statm = fs::read_to_string("/proc/self/statm").unwrap_or_default();
    let pages = statm.split(' ').nth(1).and_then(|word| word.parse().ok());
    pages.unwrap_or(0) * PAGE
}

/// How many connections the limit of open files allows.
fn allowed(count: usize) -> usize {
    let most = open_files_limit().saturating_sub(OTHER_FILES) / 2;
    if most < count {
        println!("only {most} connections fit the limit of open files; `ulimit -n` raises it");
    }
    count.min(most)
}

fn main() -> Result<(), Box<dyn Error>> {
    let numbers = env::args().skip(1).map(|word| word.parse());
    let numbers: Vec<usize> = numbers.collect::<Result<_, _>>()?;
    let count = allowed(numbers.first().copied().unwrap_or(10_000));
    let processes = numbers.get(1).copied().unwrap_or(1);
    if processes != 1 && fork_processes(processes, 0)? == ForkOutcome::Ended {
        return Ok(());
    }
    let report = IoLoop::new()?.run_sync(hold(count))?;
    println!("{report}");
    if report.answered < count {
        return Err("not every connection was answered".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_connection_is_opened_and_answered() {
        let count = allowed(300);
        let report = IoLoop::new().unwrap().run_sync(hold(count)).unwrap();
        assert_eq!((report.opened, report.answered), (count, count));
    }
}
