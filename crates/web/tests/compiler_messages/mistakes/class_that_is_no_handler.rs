//! A type is registered that does not implement the trait.
//~ `Login` is not a handler for an application with the state `()`
//~ a handler derives `Clone` and writes `impl RequestHandler<()> for Login`
use waterspout::Application;

#[derive(Clone)]
struct Login;

fn main() {
    let _ = Application::new(()).route("/login", Login);
}
