//! The application that `get` returns is not kept.
//~ unused `Application` that must be used
//~ each method returns the application with what it adds: chain them, or write `let app = app.get(…)`
#![deny(unused_must_use)]
use waterspout::{Application, Context};

fn main() {
    let app = Application::new(());
    app.get("/", async |_: &mut Context| "hello");
}
