//! The handler is called where it is registered.
//~ impl Future<Output = &'static str>
//~ required by a bound introduced by this call
use waterspout::{Application, Context};

async fn hello(_: &mut Context) -> &'static str {
    "hello"
}

fn main() {
    let mut cx: Context = todo!();
    let _ = Application::new(()).get("/", hello(&mut cx));
}
