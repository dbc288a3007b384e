//! WebSockets: an async function that runs as long as the socket is open, or a class.

mod class_form;
mod guard;
mod handler;
mod loop_form;
mod seed;
mod socket;
mod upgrade;

pub(crate) use class_form::ClassForm;
pub use handler::WebSocketHandler;
pub(crate) use loop_form::LoopForm;
pub use socket::WebSocket;
