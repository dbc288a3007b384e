//! A middleware that returns nothing.
//~ expected `Result<(), Error>`, found `()`
use waterspout::{Application, Context, Next};

async fn timing(cx: &mut Context, next: Next<'_>) {
    let _ = next.run(cx).await;
}

fn main() {
    let _ = Application::new(()).wrap(timing);
}
