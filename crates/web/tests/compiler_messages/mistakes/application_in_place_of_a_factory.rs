//! The server is given an application, and not what makes one for each worker.
//~ a server needs a closure that makes an `Application`, not `Application`
//~ write `HttpServer::new(|| Application::new(…))`
use waterspout::{Application, HttpServer};

fn main() {
    let _ = HttpServer::new(Application::new(()));
}
