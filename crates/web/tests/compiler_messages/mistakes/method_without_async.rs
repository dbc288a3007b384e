//! A method of a class handler that is not async.
//~ `Result<(), waterspout::Error>` is not a future
use waterspout::{Context, RequestHandler, Result};

#[derive(Clone)]
struct Login;

impl RequestHandler for Login {
    fn get(&mut self, _: &mut Context) -> Result<()> {
        Ok(())
    }
}

fn main() {}
