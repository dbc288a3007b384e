//! A handler returns a number.
//~ a handler cannot return `u64`
//~ is not a `Reply`
use waterspout::{Application, Context, Result};

async fn count(_: &mut Context) -> Result<u64> {
    Ok(3)
}

fn main() {
    let _ = Application::new(()).get("/", count);
}
