//! A middleware that is written as a handler.
//~ function is expected to take 2 arguments, but it takes 1 argument
use waterspout::{Application, Context, Result};

async fn timing(_: &mut Context) -> Result {
    Ok(())
}

fn main() {
    let _ = Application::new(()).wrap(timing);
}
