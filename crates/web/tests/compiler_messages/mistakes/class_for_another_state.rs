//! A class handler for an application with another state.
//~ `Login` is not a handler for an application with the state `Site`
use waterspout::{Application, RequestHandler};

struct Site;

#[derive(Clone)]
struct Login;

impl RequestHandler for Login {}

fn main() {
    let _ = Application::new(Site).route("/login", Login);
}
