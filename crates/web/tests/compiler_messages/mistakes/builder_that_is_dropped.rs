//! The application that `get` returns is not kept.
//~ unused return value of
//~ that must be used
#![deny(unused_must_use)]
use waterspout::{Application, Context};

fn main() {
    let app = Application::new(());
    app.get("/", async |_: &mut Context| "hello");
}
