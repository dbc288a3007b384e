//! A handler that takes the context by value.
//~ type mismatch in function arguments
//~ &'a mut waterspout::Context
use waterspout::{Application, Context};

async fn hello(_: Context) -> &'static str {
    "hello"
}

fn main() {
    let _ = Application::new(()).get("/", hello);
}
