//! A handler with the arguments of another framework.
//~ function is expected to take 1 argument, but it takes 2 arguments
use waterspout::{Application, Context};

async fn show(_: &mut Context, id: u64) -> String {
    id.to_string()
}

fn main() {
    let _ = Application::new(()).get("/story/{id}", show);
}
