//! A handler for an application with another state.
//~ type mismatch in function arguments
//~ waterspout::Context<Site>
use waterspout::{Application, Context};

struct Site;

async fn hello(_: &mut Context<Site>) -> &'static str {
    "hello"
}

fn main() {
    let _ = Application::new(()).get("/", hello);
}
