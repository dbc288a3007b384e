//! A class handler with a method that the trait does not have.
//~ method `fetch` is not a member of trait `RequestHandler`
use waterspout::{Context, RequestHandler, Result};

#[derive(Clone)]
struct Login;

impl RequestHandler for Login {
    async fn fetch(&mut self, _: &mut Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
