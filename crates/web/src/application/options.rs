//! What is said about the route registered last.

use super::{Application, LastRoute};
use crate::service::RouteOptions;

/// These methods are about the route that was registered just before, with all its methods.
impl<S: 'static> Application<S> {
    /// Names the route, so that [`Context::reverse_url`](crate::Context::reverse_url) finds it.
    ///
    /// # Panics
    ///
    /// Panics if no route stands before it, if another route has the name, or if no URL can be made
    /// of its regular expression.
    #[track_caller]
    pub fn name(mut self, name: &str) -> Self {
        let route = self.last_route("name");
        if let Err(problem) = self.router.add_name(name, route.entry) {
            panic!("name {name:?}: {problem}");
        }
        self
    }

    /// Lets the handler read the body itself, with [`Context::chunk`](crate::Context::chunk).
    ///
    /// The size is not limited then unless [`max_body_size`](Self::max_body_size) says so. Default:
    /// the body is read before the handler runs.
    ///
    /// # Panics
    ///
    /// Panics if no route stands before it.
    #[track_caller]
    pub fn stream_body(self) -> Self {
        self.with_options("stream_body", |options| options.stream_body = true)
    }

    /// Limits the body of requests to the route, in bytes; a longer one is a 413. Default: the
    /// server's limit, and none for a route that streams.
    ///
    /// # Panics
    ///
    /// Panics if no route stands before it.
    #[track_caller]
    pub fn max_body_size(self, bytes: u64) -> Self {
        self.with_options("max_body_size", |options| {
            options.max_body_size = Some(bytes)
        })
    }

    /// Has the bodies of requests to the route come without their `Content-Encoding`, or as they are sent.
    ///
    /// The size limit of the body then counts what it comes to as well; a coding that this build does not
    /// have is a 415. Default: the server's
    /// [`decompress_request`](crate::ServerConfig::decompress_request).
    ///
    /// # Panics
    ///
    /// Panics if no route stands before it.
    #[track_caller]
    pub fn decompress_request(self, on: bool) -> Self {
        self.with_options("decompress_request", |options| {
            options.decompress_request = Some(on);
        })
    }

    /// Lets the handler run to its end when the client goes away. Default: its future is dropped
    /// where it waits.
    ///
    /// # Panics
    ///
    /// Panics if no route stands before it.
    #[track_caller]
    pub fn finish_after_close(self) -> Self {
        self.with_options("finish_after_close", |options| {
            options.finish_after_close = true;
        })
    }

    /// Leaves the route out of [`xsrf_cookies`](Self::xsrf_cookies): requests from everywhere reach it.
    ///
    /// # Panics
    ///
    /// Panics if no route stands before it.
    #[track_caller]
    pub fn xsrf_exempt(self) -> Self {
        self.with_options("xsrf_exempt", |options| options.xsrf_exempt = true)
    }

    #[track_caller]
    fn with_options(mut self, method: &str, change: impl FnOnce(&mut RouteOptions)) -> Self {
        let route = self.last_route(method);
        change(&mut self.targets[route.target].options);
        self
    }

    #[track_caller]
    fn last_route(&self, method: &str) -> LastRoute {
        match self.last {
            Some(route) => route,
            None => panic!("{method}() is about the route before it, and there is none"),
        }
    }
}
