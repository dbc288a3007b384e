//! A closure that returns an async block, in place of an async closure.
//~ lifetime may not live long enough
use waterspout::{Application, Context};

fn main() {
    let app = Application::new(()).get("/", |cx: &mut Context| async move { cx.uri().to_owned() });
    drop(app);
}
