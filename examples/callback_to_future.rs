//! Awaits an interface that only calls back: `cargo run --example callback_to_future 84 2`.

use std::time::Duration;

use waterspout::net::IoLoop;
use waterspout::net::task::{CallbackError, callback_future};

/// An interface of the old kind: returns at once, and calls back with a result or an error.
fn divide_slowly(a: i64, b: i64, callback: impl FnOnce(Result<i64, String>) + 'static) {
    IoLoop::current().call_later(Duration::from_millis(10), move || {
        callback(
            a.checked_div(b)
                .ok_or_else(|| format!("{a} cannot be divided by {b}")),
        );
    });
}

/// The same as a function that looks synchronous.
async fn divide(a: i64, b: i64) -> Result<i64, CallbackError<String>> {
    let (completer, quotient) = callback_future();
    divide_slowly(a, b, completer.into_callback());
    quotient.await
}

fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse().ok());
    let (Some(Some(a)), Some(Some(b))) = (numbers.next(), numbers.next()) else {
        eprintln!("usage: callback_to_future A B, two integers");
        std::process::exit(2);
    };
    match IoLoop::new()?.run_sync(divide(a, b)) {
        Ok(quotient) => println!("{quotient}"),
        Err(error) => {
            eprintln!("{error}");
            std::process::exit(1);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use waterspout::net::IoLoop;

    #[test]
    fn the_result_of_the_callback_is_returned() {
        let quotient = IoLoop::new().unwrap().run_sync(super::divide(84, 2));
        assert_eq!(quotient, Ok(42));
    }

    #[test]
    fn the_error_of_the_callback_is_returned() {
        let error = IoLoop::new().unwrap().run_sync(super::divide(84, 0));
        assert_eq!(error.unwrap_err().to_string(), "84 cannot be divided by 0");
    }
}
