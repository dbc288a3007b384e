//! What was read from the context is still used while something is written to it.
//~ cannot borrow `*cx` as mutable because it is also borrowed as immutable
//~ immutable borrow occurs here
use waterspout::{Application, Context, Result};

async fn greet(cx: &mut Context) -> Result {
    let agent = cx.header("User-Agent").unwrap_or("nobody");
    cx.set_header("X-Seen", "yes")?;
    cx.write(agent)
}

fn main() {
    drop(Application::new(()).get("/", greet));
}
