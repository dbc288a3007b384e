//! Timers, tasks and wake-ups beside tokio's own, on the same loop: `net-io-loop ROW WHOSE N`.
//!
//! Prints the nanoseconds of CPU time of each operation. For callgrind, subtract a run with few turns from one
//! with many.

mod tasks;
mod timers;
mod wake_up;

use peer_contract::cpu_time;
use waterspout_net::IoLoop;

const USAGE: &str = "usage: net-io-loop timers|spawn-join|wake-up|watched ours|tokio N";

fn main() {
    let mut args = std::env::args().skip(1);
    let (row, whose) = (args.next().expect(USAGE), args.next().expect(USAGE));
    let turns: u32 = args.next().and_then(|text| text.parse().ok()).expect(USAGE);
    let io_loop = IoLoop::new().expect("a loop");
    let begin = cpu_time();
    match (row.as_str(), whose.as_str()) {
        ("timers", "ours") => io_loop.run_sync(timers::ours(turns)),
        ("timers", "tokio") => io_loop.run_sync(timers::tokio(turns)),
        ("spawn-join", "ours") => io_loop.run_sync(tasks::ours(turns)),
        ("spawn-join", "tokio") => io_loop.run_sync(tasks::tokio(turns)),
        ("wake-up", "ours") => io_loop.run_sync(wake_up::ours(turns)),
        ("wake-up", "tokio") => io_loop.run_sync(wake_up::tokio(turns)),
        ("watched", "ours") => tasks::watched(&io_loop, turns),
        _ => panic!("{USAGE}"),
    }
    let each = (cpu_time() - begin).as_secs_f64() * 1e9 / f64::from(turns);
    println!("{each:.2}");
}
