//! Handlers: what answers a request.
//!
//! A handler is an async function or closure of the [`Context`](crate::Context), or a type that
//! implements [`RequestHandler`]. Both end up behind one boxed future per request; nothing else of
//! a route is generic, so an [`Application`](crate::Application) never changes its type.

mod class;
mod class_hooks;
mod defaults;
mod detect;
mod endpoint;
mod error_handler;
mod redirect_handler;
mod request_handler;
mod verb;

pub(crate) use class::Class;
pub(crate) use class_hooks::ClassHooks;
pub(crate) use endpoint::{Aftermath, Endpoint, Func, HandlerFuture, Refusal};
pub use error_handler::ErrorHandler;
pub use redirect_handler::RedirectHandler;
pub use request_handler::RequestHandler;
pub(crate) use verb::{Verb, Verbs};
