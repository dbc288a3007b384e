//! A class handler that cannot be cloned for each request.
//~ `Login: Clone` is not satisfied
//~ #[derive(Clone)]
use waterspout::{Application, Context, RequestHandler, Result};

struct Login;

impl RequestHandler for Login {
    async fn get(&mut self, _: &mut Context) -> Result<()> {
        Ok(())
    }
}

fn main() {
    let _ = Application::new(()).route("/login", Login);
}
