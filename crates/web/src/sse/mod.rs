//! Server-sent events (WHATWG HTML, §9.2): a response that goes on, event by event.

mod event;
mod stream;

pub use event::{InvalidEvent, ServerEvent};
pub use stream::EventStream;

#[cfg(test)]
mod tests;
