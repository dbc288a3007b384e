//! Queues and locks beside tokio's, on the same loop: `net-sync ROW WHOSE N`.
//!
//! Prints the nanoseconds of each operation; the runner does that many times, and counts
//! instructions by callgrind besides.

mod lock;
mod queue;

use std::time::Instant;

use waterspout_net::IoLoop;

const USAGE: &str =
    "usage: net-sync queue|queue-unbounded|queue-tasks|lock|lock-tasks ours|tokio N";

fn main() {
    let mut args = std::env::args().skip(1);
    let (row, whose) = (args.next().expect(USAGE), args.next().expect(USAGE));
    let turns: u64 = args.next().and_then(|text| text.parse().ok()).expect(USAGE);
    let io_loop = IoLoop::new().expect("a loop");
    let begin = Instant::now();
    io_loop.run_sync(run(&row, &whose, turns));
    let nanoseconds = begin.elapsed().as_nanos();
    println!(
        "{:.2}",
        f64::from(u32::try_from(nanoseconds / 1000).unwrap_or(u32::MAX)) * 1e3 / turns as f64
    );
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
