//! An address that is none.
//~ `ListenAddr: From<i64>` is not satisfied
use waterspout::{Application, HttpServer};

fn main() {
    let _ = HttpServer::new(|| Application::new(())).listen(8888_i64);
}
