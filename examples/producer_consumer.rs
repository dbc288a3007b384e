//! A producer and a consumer with a queue for one item between them:
//! `cargo run --example producer_consumer`.

use waterspout::net::IoLoop;
use waterspout::net::sync::Queue;
use waterspout::net::task::{boxed, gather};

const ITEMS: u32 = 5;

/// Runs both until they are done; `say` is told what happens.
async fn run(say: impl Fn(String)) {
    let queue = Queue::new(1);
    let produce = async {
        for item in 0..ITEMS {
            say(format!("putting {item}"));
            queue.put(item).await;
        }
    };
    let consume = async {
        for _ in 0..ITEMS {
            say(format!("got: {}", queue.get().await));
        }
    };
    gather([boxed(produce), boxed(consume)]).await;
}

fn main() -> std::io::Result<()> {
    IoLoop::new()?.run_sync(run(|line| println!("{line}")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use waterspout::net::IoLoop;

    #[test]
    fn the_queue_slows_the_producer_down() {
        let lines = RefCell::new(Vec::new());
        let say = |line| lines.borrow_mut().push(line);
        IoLoop::new().unwrap().run_sync(super::run(say));
        let expected = "putting 0, putting 1, got: 0, got: 1, putting 2, putting 3, putting 4, \
                        got: 2, got: 3, got: 4";
        assert_eq!(lines.into_inner().join(", "), expected);
    }
}
