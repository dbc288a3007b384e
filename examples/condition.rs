//! One task waits for a condition, another notifies it after a second:
//! `cargo run --example condition`.

use std::time::Duration;

use waterspout::net::IoLoop;
use waterspout::net::sync::Condition;
use waterspout::net::task::{boxed, gather, sleep};

/// Runs both until they are done; `say` is told what happens.
async fn run(delay: Duration, say: impl Fn(&'static str)) {
    let condition = Condition::new();
    let waiter = async {
        say("I'll wait right here");
        condition.wait().await;
        say("Received notification now doing my things");
    };
    let notifier = async {
        sleep(delay).await;
        say("About to notify");
        condition.notify(1);
        say("Done notifying");
    };
    gather([boxed(waiter), boxed(notifier)]).await;
}

fn main() -> std::io::Result<()> {
    IoLoop::new()?.run_sync(run(Duration::from_secs(1), |line| println!("{line}")));
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::time::Duration;

    use waterspout::net::IoLoop;

    #[test]
    fn the_waiter_goes_on_when_it_is_notified() {
        let lines = RefCell::new(Vec::new());
        let say = |line| lines.borrow_mut().push(line);
        let delay = Duration::from_millis(1);
        IoLoop::new().unwrap().run_sync(super::run(delay, say));
        let expected = [
            "I'll wait right here",
            "About to notify",
            "Done notifying",
            "Received notification now doing my things",
        ];
        assert_eq!(lines.into_inner(), expected);
    }
}
