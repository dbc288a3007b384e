//! A handler without the argument.
//~ function is expected to take 1 argument, but it takes 0 arguments
use waterspout::Application;

async fn hello() -> &'static str {
    "hello"
}

fn main() {
    let _ = Application::new(()).get("/", hello);
}
