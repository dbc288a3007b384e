//! A handler that is no async function.
//~ `&'static str` is not a future
use waterspout::{Application, Context};

fn hello(_: &mut Context) -> &'static str {
    "hello"
}

fn main() {
    let _ = Application::new(()).get("/", hello);
}
