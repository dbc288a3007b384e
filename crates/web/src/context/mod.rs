//! The context of a request: everything a handler reads from and writes to.

mod arguments;
mod body;
mod compress;
mod conditional;
mod cookies;
mod default_headers;
mod finishing;
mod form;
mod lifecycle;
mod locale;
mod location;
mod multipart;
mod parameters;
#[cfg(feature = "templates")]
mod render;
mod request;
mod response;
mod signed_cookies;
mod static_url;
mod temp_file;
mod user;
mod xsrf;

pub use form::UploadedFile;
pub use multipart::Multipart;
pub use temp_file::TempFile;

use std::rc::Rc;

use bytes::Bytes;
use waterspout_http::Exchange;
use waterspout_http::coding::Encoder;

use crate::arguments::Arguments;
use crate::auth::UserState;
use crate::handler::Aftermath;
use crate::locale::Locale;
use crate::router::Captures;
use crate::service::{PageParts, Site};

/// One request and the response to it: what every handler is given.
///
/// `S` is the state of the [`Application`](crate::Application); applications usually write
/// `type Context = waterspout::Context<Site>;` once.
///
/// What a handler writes is buffered until it returns or calls [`flush`](Self::flush), so headers
/// and status may be set in any order with the body.
///
/// # Examples
///
/// ```
/// use waterspout::{Context, Result};
///
/// async fn greet(cx: &mut Context) -> Result {
///     let name = cx.argument("name")?;
///     cx.set_header("X-Greeted", &name)?;
///     cx.write(format!("Hello, {}", name.len()))
/// }
/// ```
pub struct Context<S = ()> {
    exchange: Exchange,
    site: Rc<Site<S>>,
    /// Numbers of the target and entry in the site; [`NO_ROUTE`] where no route was found.
    target: u32,
    entry: u32,
    captures: Captures,
    stage: Stage,
    /// A content type was chosen, by the handler or by the first thing it wrote.
    typed: bool,
    more: Option<Box<More<S>>>,
}

/// Where the response stands, seen from the handler.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// The body is complete, header fields may still be added.
    Closed,
    /// There is nobody to answer.
    Abandoned,
}

/// Stands for the target of a request without a route.
const NO_ROUTE: u32 = u32::MAX;

/// What only some requests need.
struct More<S> {
    body: Option<Bytes>,
    query: Option<Arguments>,
    form: Option<Arguments>,
    files: Vec<UploadedFile>,
    /// The language of the answer, once somebody has asked for it.
    locale: Option<Locale>,
    #[cfg_attr(
        not(feature = "templates"),
        expect(dead_code, reason = "only templates read it")
    )]
    parts: PageParts,
    /// Compresses the body, once its head is decided.
    encoder: Option<Encoder>,
    /// Names and values of `Set-Cookie`, written when the head goes out.
    cookies: Vec<(String, String)>,
    /// Header fields that error pages have too.
    default_headers: Vec<(String, Vec<u8>)>,
    /// What log lines about this request stand in.
    span: Option<tracing::Span>,
    /// The token against forged requests, as this response writes it.
    xsrf: Option<String>,
    user: UserState,
    /// Log lines name the path alone.
    hides_query: bool,
    aftermath: Option<Box<dyn Aftermath<S>>>,
}

impl<S> Default for More<S> {
    fn default() -> Self {
        Self {
            body: None,
            query: None,
            form: None,
            files: Vec::new(),
            locale: None,
            parts: PageParts::default(),
            encoder: None,
            cookies: Vec::new(),
            default_headers: Vec::new(),
            span: None,
            xsrf: None,
            user: UserState::Unknown,
            hides_query: false,
            aftermath: None,
        }
    }
}
