//! The factory takes something along that cannot go to another thread.
//~ a server needs a closure that makes an `Application`
//~ `Arc` in place of `Rc`
use std::rc::Rc;
use waterspout::{Application, HttpServer};

fn main() {
    let shared = Rc::new(5);
    let _ = HttpServer::new(move || Application::new(Rc::clone(&shared)));
}
