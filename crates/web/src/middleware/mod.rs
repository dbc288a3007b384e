//! Middleware: functions around the handlers of an application or group.
//!
//! A middleware is an async function of a [`Context`](crate::Context) and of [`Next`], registered with
//! [`Application::wrap`](crate::Application::wrap). Those that most applications want stand here; each
//! is a short file, and a model for one's own.
//!
//! | middleware | what it does |
//! |---|---|
//! | [`request_id()`] | names each request in the answer and in every log line |
//! | [`log()`] | a structured event for each request |
//! | [`timeout()`] | 503 for a handler that takes too long |
//! | [`body_limit()`] | 413 for a body that is too long |
//! | [`cors()`] | lets pages of other origins read the answers |
//! | [`security_headers()`] | fields that switch on the browser's defences |
//!
//! # Examples
//!
//! ```
//! use std::time::Duration;
//! use waterspout::middleware::{SecurityHeaders, request_id, security_headers, timeout};
//! use waterspout::{Application, Context};
//!
//! let app = Application::new(())
//!     .get("/", async |_: &mut Context| "hello")
//!     .wrap(request_id())
//!     .wrap(security_headers(SecurityHeaders::default()))
//!     .wrap(timeout(Duration::from_secs(10)));
//! # drop(app);
//! ```

mod body_limit;
mod cors;
mod log;
mod next;
mod request_id;
mod security_headers;
mod timeout;

pub use body_limit::body_limit;
pub use cors::{Cors, cors};
pub use log::log;
pub use next::Next;
pub(crate) use next::{Layer, Wrap};
pub use request_id::request_id;
pub use security_headers::{SecurityHeaders, security_headers};
pub use timeout::timeout;
