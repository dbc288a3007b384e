//! A failure that is a mere text.
//~ required for `waterspout::Error` to implement `From<&str>`
use waterspout::{Application, Context, Result};

async fn hello(_: &mut Context) -> Result<&'static str> {
    Err("it is late")?
}

fn main() {
    let _ = Application::new(()).get("/", hello);
}
