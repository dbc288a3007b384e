//! Waterspout: real-time web applications in the style of Tornado.
//!
//! One single-threaded event loop per core, an [`Application`] of its own on each, and handlers that
//! need neither `Send` nor locks.
//!
//! ```no_run
//! use waterspout::{Application, Context, HttpServer, Result};
//!
//! async fn hello(_cx: &mut Context) -> &'static str {
//!     "Hello, world"
//! }
//!
//! fn main() -> Result<()> {
//!     HttpServer::new(|| Application::new(()).get("/", hello)).listen(8888)?.run()
//! }
//! ```
//!
//! # The parts
//!
//! - [`Application`] holds the state, the routes and the middleware.
//! - A handler is an async function of the [`Context`], or a [`RequestHandler`] with a method per
//!   verb; what it returns is a [`Reply`].
//! - A [`WebSocket`] is served by an async function, or by a [`WebSocketHandler`].
//! - [`Rooms`] send one message to many, on all workers: WebSockets, an [`EventStream`], long polls.
//! - An [`Error`] is made of any error by `?`; an [`HttpError`] chooses the status.
//! - [`HttpServer`] runs it all, on as many workers as there are cores.
//! - [`websocket_connect`] opens a WebSocket from the client's side.
//! - [`testing`] serves an application to its tests.
//! - [`net`] and [`http`] are the layers below, for those who write protocols.
//!
//! # Features
//!
//! | feature | default | brings |
//! |---|---|---|
//! | `templates` | on | `template`, [`Context`]'s `render`, and the macro `context!`, by minijinja |
//! | `gzip` | on | compressed responses; `brotli` and `zstd` add these codings |
//! | `options` | off | `options`: a command line, a configuration file, environment variables; and `log` |
//! | `log` | off | `log`: where log lines go, and in which form |
//! | `passwords` | off | `Passwords`: argon2, and old hashes of bcrypt |
//! | `tls-aws-lc`, `tls-ring` | off | TLS with the cryptography of one of the two, and OpenID Connect |
//! | `dns-hickory` | off | a resolver that asks name servers on the loop |
//! | `test-util` | off | a loop whose clock is paused, for tests |
#![forbid(unsafe_code)]

mod application;
mod arguments;
pub mod auth;
mod context;
mod cookies;
mod error;
pub mod escape;
mod handler;
pub mod locale;
#[cfg(feature = "log")]
pub mod log;
pub mod middleware;
#[cfg(feature = "options")]
pub mod options;
mod percent;
mod reload;
mod reply;
mod rooms;
mod router;
mod server;
mod service;
mod signed;
mod sse;
mod static_files;
#[cfg(feature = "templates")]
pub mod template;
pub mod testing;
mod typed;
mod websocket;
mod xsrf;

pub use application::{Application, ApplicationFactory};
pub use arguments::Arguments;
#[cfg(feature = "passwords")]
pub use auth::Passwords;
pub use auth::{BasicCredentials, Challenge};
pub use context::{Context, Multipart, TempFile, UploadedFile};
pub use cookies::{CookieOptions, CookiePriority, SameSite, UnknownSameSite, parse_cookie};
pub use error::{Error, HttpError, Result};
pub use handler::{ErrorHandler, RedirectHandler, RequestHandler};
pub use middleware::Next;
pub use reload::{Autoreload, inherited_sockets};
pub use reply::{Html, Json, Reply};
pub use rooms::{
    Backplane, CatchUp, Heard, Inbox, InvalidPacket, InvalidPosition, Listener, Member, Packet,
    Position, Recorded, Room, RoomError, RoomHub, Rooms, RoomsConfig, UnixMesh,
};
pub use router::UrlArguments;
pub use server::{HttpServer, ListenAddr};
pub use service::{ApplicationService, Compression};
pub use signed::{
    CookieSecret, SignatureVersion, SignedCookieRules, same_secret, signature_key_version,
};
pub use sse::{EventStream, InvalidEvent, ServerEvent};
pub use static_files::StaticFileHandler;
pub use waterspout_http as http;
pub use waterspout_http::client::{WebSocketClientConnection, WebSocketRequest, websocket_connect};
pub use waterspout_http::forwarded::TrustedDownstream;
pub use waterspout_http::server::ServerConfig;
pub use waterspout_http::ws::{
    CloseCode, CompressionOptions, Message, Prepared, QueueCounts, RemoteSender, SendError, Sender,
    SlowConsumer, Violation, WebSocketConfig,
};
pub use waterspout_http::{Bytes, EntityTag, Method, StatusCode};
pub use waterspout_net as net;
pub use websocket::{WebSocket, WebSocketHandler};
pub use xsrf::XsrfConfig;
