//! Encrypted streams beside tokio-rustls, with the same rustls under both: `net-tls ROW WHOSE N`.
//!
//! `idle` prints the bytes of user space that each of N server ends holds after one exchange. `echo`
//! prints the nanoseconds of one 64-octet message there and back, N times; `bulk` those of 64 KiB there
//! and one octet back. Both ends are of the same kind, in one task on one loop, over a Unix socket.

mod certificates;
mod memory;
mod ours;
mod theirs;

use std::time::Instant;

use certificates::Certificates;
use waterspout_net::IoLoop;

const USAGE: &str = "usage: net-tls idle|echo|bulk ours|tokio-rustls N";
const SMALL: usize = 64;
const LARGE: usize = 64 * 1024;

fn main() {
    let mut args = std::env::args().skip(1);
    let (row, whose) = (args.next().expect(USAGE), args.next().expect(USAGE));
    let turns: u32 = args.next().and_then(|text| text.parse().ok()).expect(USAGE);
    let certificates = Certificates::new();
    let io_loop = IoLoop::new().expect("a loop");
    let timed = |there, back| {
        let begin = Instant::now();
        match whose.as_str() {
            "ours" => io_loop.run_sync(ours::exchange(&certificates, turns, there, back)),
            "tokio-rustls" => io_loop.run_sync(theirs::exchange(&certificates, turns, there, back)),
            _ => panic!("{USAGE}"),
        }
        begin.elapsed().as_secs_f64() * 1e9 / f64::from(turns)
    };
    let each = match (row.as_str(), whose.as_str()) {
        ("idle", "ours") => io_loop.run_sync(ours::idle(&certificates, turns)),
        ("idle", "tokio-rustls") => io_loop.run_sync(theirs::idle(&certificates, turns)),
        ("echo", _) => timed(SMALL, SMALL),
        ("bulk", _) => timed(LARGE, 1),
        _ => panic!("{USAGE}"),
    };
    println!("{each:.0}");
}
