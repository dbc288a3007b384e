//! Queues and locks beside tokio's, on the same loop: `net-sync ROW WHOSE N`.
//!
//! Prints the nanoseconds of CPU time of each operation; the runner does that many times, and counts
//! instructions by callgrind besides.

mod lock;
mod queue;

use peer_contract::cpu_time;
use waterspout_net::IoLoop;

const USAGE: &str =
    "usage: net-sync queue|queue-unbounded|queue-tasks|lock|lock-tasks ours|tokio N";

fn main() {
    let mut args = std::env::args().skip(1);
    let (row, whose) = (args.next().expect(USAGE), args.next().expect(USAGE));
    let turns: u64 = args.next().and_then(|text| text.parse().ok()).expect(USAGE);
    let io_loop = IoLoop::new().expect("a loop");
    let begin = cpu_time();
    io_loop.run_sync(run(&row, &whose, turns));
    let each = (cpu_time() - begin).as_secs_f64() * 1e9 / turns as f64;
    println!("{each:.2}");
}

async fn run(row: &str, whose: &str, turns: u64) {
    match (row, whose) {
        ("queue", "ours") => queue::ours(turns).await,
        ("queue", "tokio") => queue::tokio(turns).await,
        ("queue-unbounded", "ours") => queue::ours_unbounded(turns).await,
        ("queue-unbounded", "tokio") => queue::tokio_unbounded(turns).await,
        ("queue-tasks", "ours") => queue::ours_tasks(turns).await,
        ("queue-tasks", "tokio") => queue::tokio_tasks(turns).await,
        ("lock", "ours") => lock::ours(turns).await,
        ("lock", "tokio") => lock::tokio(turns).await,
        ("lock-tasks", "ours") => lock::ours_tasks(turns).await,
        ("lock-tasks", "tokio") => lock::tokio_tasks(turns).await,
        _ => panic!("{USAGE}"),
    }
}
