//! `?` in a handler that returns nothing.
//~ this function should return `Result` or `Option` to accept `?`
use waterspout::{Application, Context};

async fn hello(cx: &mut Context) {
    cx.write("hello")?;
}

fn main() {
    let _ = Application::new(()).get("/", hello);
}
