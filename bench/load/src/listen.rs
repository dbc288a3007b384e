//! Many WebSockets that only listen: how many messages reach each, and how late.
//!
//! A message begins with the time at which it was sent, in nanoseconds since 1970, as 20 digits.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::thread;
use std::time::{SystemTime, UNIX_EPOCH};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::connect;
use crate::options::Options;

struct Listener {
    stream: TcpStream,
    /// The beginning of a frame whose end has not come.
    partial: Vec<u8>,
    messages: u32,
}

/// Epoll's number for the standard input.
const STDIN: u64 = u64::MAX;

const PONG: &[u8] = &[0x8a, 0x80, 0, 0, 0, 0];

/// Opens the connections from a few threads, says `held N`, listens until the end of the standard input,
/// and prints what has come.
///
/// # Errors
///
/// When a connection is refused or closed, or sends something else than messages and pings.
pub(crate) fn run(options: &Options) -> Result<()> {
    let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
    let mut listeners = open(options)?;
    for (index, listener) in listeners.iter().enumerate() {
        let data = epoll::EventData::new_u64(index as u64);
        epoll::add(&poll, &listener.stream, data, epoll::EventFlags::IN)?;
    }
    let input = epoll::EventData::new_u64(STDIN);
    epoll::add(&poll, std::io::stdin(), input, epoll::EventFlags::IN)?;
    let mut out = std::io::stdout();
    writeln!(out, "held {}", listeners.len())?;
    out.flush()?;
    let latencies = listen(&poll, &mut listeners)?;
    report(&listeners, latencies);
    Ok(())
}

fn open(options: &Options) -> Result<Vec<Listener>> {
    const THREADS: usize = 4;
    let mut listeners = Vec::with_capacity(options.connections);
    thread::scope(|scope| {
        let opening: Vec<_> = (0..THREADS)
            .map(|first| scope.spawn(move || open_some(options, first, THREADS)))
            .collect();
        for thread in opening {
            let opened = thread.join();
            listeners.extend(opened.map_err(|_| Error::other("a thread panicked"))??);
        }
        Ok(listeners)
    })
}

fn open_some(options: &Options, first: usize, step: usize) -> Result<Vec<Listener>> {
    let indices = (first..options.connections).step_by(step);
    indices
        .map(|index| {
            let stream = connect::ready(options, index as u64)?;
            stream.set_nonblocking(true)?;
            Ok(Listener {
                stream,
                partial: Vec::new(),
                messages: 0,
            })
        })
        .collect()
}

fn listen(poll: &OwnedFd, listeners: &mut [Listener]) -> Result<Vec<u64>> {
    let mut latencies = Vec::new();
    let mut events = Vec::with_capacity(1024);
    let mut buffer = vec![0; 64 * 1024];
    loop {
        events.clear();
        epoll::wait(poll, spare_capacity(&mut events), None)?;
        for event in &events {
            match event.data.u64() {
                STDIN => return Ok(latencies),
                index => {
                    let index = usize::try_from(index).map_err(Error::other)?;
                    listeners[index].read(&mut buffer, &mut latencies)?;
                }
            }
        }
    }
}

impl Listener {
    fn read(&mut self, buffer: &mut [u8], latencies: &mut Vec<u64>) -> Result<()> {
        let received = match self.stream.read(buffer) {
            Ok(0) => return Err(Error::other("the server closed a connection")),
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            Err(error) => return Err(error),
        };
        let now = now();
        let mut octets = std::mem::take(&mut self.partial);
        octets.extend_from_slice(&buffer[..received]);
        let mut rest = &octets[..];
        while let Some((head, length)) = frame(rest) {
            match rest[0] {
                0x89 => self.stream.write_all(PONG)?,
                0x81 => {
                    self.messages += 1;
                    latencies.push(now.saturating_sub(sent_at(&rest[head..])?));
                }
                other => return Err(Error::other(format!("a frame that begins with {other:#x}"))),
            }
            rest = &rest[head + length..];
        }
        self.partial = rest.to_vec();
        Ok(())
    }
}

/// Lengths of the head and the payload of a frame, once all of it is there.
fn frame(octets: &[u8]) -> Option<(usize, usize)> {
    let (head, length) = match *octets {
        [_, 126, high, low, ..] => (4, usize::from(u16::from_be_bytes([high, low]))),
        [_, short @ ..126, ..] => (2, usize::from(short)),
        _ => return None,
    };
    (octets.len() >= head + length).then_some((head, length))
}

fn sent_at(payload: &[u8]) -> Result<u64> {
    let digits = payload
        .get(..20)
        .and_then(|digits| std::str::from_utf8(digits).ok());
    let time = digits.and_then(|digits| digits.parse().ok());
    time.ok_or_else(|| Error::other("a message that does not begin with its time"))
}

fn now() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}

fn report(listeners: &[Listener], mut latencies: Vec<u64>) {
    latencies.sort_unstable();
    let at = |share: f64| {
        // Positions in a list that is in memory.
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a length"
        )]
        let index = (latencies.len() as f64 * share) as usize;
        latencies
            .get(index.min(latencies.len().saturating_sub(1)))
            .copied()
            .unwrap_or(0)
    };
    let counts = listeners.iter().map(|listener| listener.messages);
    println!(
        "{{\"deliveries\": {}, \"fewest\": {}, \"most\": {}, \"p50_nanos\": {}, \"p99_nanos\": {}, \"max_nanos\": {}}}",
        latencies.len(),
        counts.clone().min().unwrap_or(0),
        counts.max().unwrap_or(0),
        at(0.5),
        at(0.99),
        at(1.0),
    );
}
