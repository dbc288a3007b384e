//! The application: state, routes and what stands around them.

mod build;
mod factory;
mod groups;
mod languages;
mod options;
mod regex_routes;
mod register;
mod responses;
mod routes;
mod security;
mod static_files;
#[cfg(feature = "templates")]
mod templates;
mod websockets;

pub use factory::ApplicationFactory;

use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use waterspout_http::multipart::Limits;

use crate::context::Context;
use crate::router::Router;
use crate::service::{AccessLog, Languages, Rendering, Scope, Security, Target, Transforms};
use crate::static_files::Directory;

/// An application: its state, its routes, and the middleware around them.
///
/// It is built by chained calls and handed to [`HttpServer`](crate::HttpServer), one per worker, so
/// its state needs neither `Send` nor locks. Everything is checked while it is built: a malformed or
/// conflicting pattern panics at start-up, on the line that registers it, and never later.
///
/// # Routes
///
/// A pattern is matched against the raw path. `{name}` captures one segment, or the part of it that
/// stands between other text; `{*name}` captures the rest of the path; braces are written `{{` and
/// `}}`. Literal text wins over `{name}`, and that over `{*name}`, in whatever order they were
/// registered. [Regular expressions](Self::route_regex) come after all of these, in order.
///
/// A path that is known answers OPTIONS with its methods, HEAD by its GET handler, and methods
/// without a handler with a 405 that names the others.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, Context, Result};
///
/// struct Site {
///     name: String,
/// }
///
/// async fn hello(cx: &mut Context<Site>) -> Result<String> {
///     let who: String = cx.path("who")?;
///     Ok(format!("Hello {who}, this is {}", cx.app().name))
/// }
///
/// let app = Application::new(Site { name: "home".to_owned() })
///     .get("/", async |_: &mut Context<Site>| "index")
///     .get("/hello/{who}", hello)
///     .name("hello");
/// # drop(app);
/// ```
#[must_use = "each method returns the application with what it adds: chain them, or write `let app = app.get(…)`"]
pub struct Application<S = ()> {
    state: Rc<S>,
    router: Router,
    targets: Vec<Target<S>>,
    scopes: Vec<Scope<S>>,
    log: AccessLog<S>,
    transforms: Transforms,
    multipart: Limits,
    security: Security,
    debug: bool,
    languages: Languages<S>,
    rendering: Rendering<S>,
    /// Prefix and directory of the first static files.
    statics: Option<(String, Arc<Directory>)>,
    /// The scope that is being filled.
    scope: usize,
    /// The route registered last, which `name` and the like are about.
    last: Option<LastRoute>,
}

#[derive(Debug, Clone, Copy)]
struct LastRoute {
    entry: u32,
    target: usize,
}

impl<S: 'static> Application<S> {
    /// Creates an application with its state and no routes.
    pub fn new(state: S) -> Self {
        Self {
            state: Rc::new(state),
            router: Router::new(),
            targets: Vec::new(),
            scopes: vec![Scope::new(None, 0, String::new())],
            log: AccessLog::Tracing,
            transforms: Transforms::default(),
            multipart: Limits::default(),
            security: Security::default(),
            debug: false,
            languages: Languages::default(),
            rendering: Rendering::default(),
            statics: None,
            scope: 0,
            last: None,
        }
    }

    /// Returns the state.
    #[must_use]
    pub fn state(&self) -> Rc<S> {
        Rc::clone(&self.state)
    }

    /// Turns on what helps while a program is written, and must not be seen by others: error pages that
    /// show causes, the route and the request, and templates and translations that are read again when
    /// their files change. Default: off.
    pub fn debug(mut self, on: bool) -> Self {
        self.debug = on;
        self
    }

    /// Replaces the access log: the function is called once per finished request, with the time it
    /// took. Default: a line to `tracing` with the target `waterspout::access`.
    pub fn log_function(mut self, function: impl Fn(&Context<S>, Duration) + 'static) -> Self {
        self.log = AccessLog::Function(Box::new(function));
        self
    }
}
