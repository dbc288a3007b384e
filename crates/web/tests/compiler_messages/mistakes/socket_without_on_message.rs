//! A handler of WebSockets without the method that takes messages.
//~ missing `on_message` in implementation
use waterspout::WebSocketHandler;

#[derive(Clone)]
struct Chat;

impl WebSocketHandler for Chat {}

fn main() {}
