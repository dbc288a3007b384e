//! A handler returns something that is no reply.
//~ a handler cannot return `Vec<u64>`
//~ a handler returns text, bytes, `Json(value)`
use waterspout::{Application, Context};

async fn count(_: &mut Context) -> Vec<u64> {
    vec![1, 2, 3]
}

fn main() {
    let _ = Application::new(()).get("/", count);
}
