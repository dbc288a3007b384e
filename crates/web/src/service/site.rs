//! What an application consists of once it is built: shared by all its requests, never changed.

use std::cell::Cell;
use std::rc::Rc;
use std::sync::Arc;

use waterspout_http::multipart::Limits;

use super::{AccessLog, ErrorLog, ErrorPage, Languages, Rendering, Security, Transforms};
use crate::auth::FindUser;
use crate::handler::{ClassHooks, Endpoint};
use crate::middleware::Layer;
use crate::router::Router;
use crate::static_files::Directory;

/// An application that is built.
pub(crate) struct Site<S> {
    pub(crate) state: Rc<S>,
    pub(crate) router: Router,
    pub(crate) targets: Vec<Target<S>>,
    pub(crate) scopes: Vec<Scope<S>>,
    pub(crate) log: AccessLog<S>,
    /// There is anything in `transforms`.
    pub(crate) transforming: bool,
    pub(crate) transforms: Transforms,
    pub(crate) multipart: Limits,
    pub(crate) security: Security,
    /// Causes are shown, and files that changed are read again.
    pub(crate) debug: bool,
    pub(crate) languages: Languages<S>,
    #[cfg_attr(
        not(feature = "templates"),
        expect(dead_code, reason = "only templates read it")
    )]
    pub(crate) rendering: Rendering<S>,
    /// Prefix and directory of the first static files.
    pub(crate) statics: Option<(String, Arc<Directory>)>,
    /// Memory that JSON replies are serialised into, one after the other.
    pub(crate) scratch: Cell<Vec<u8>>,
}

/// A handler at the end of a route.
pub(crate) struct Target<S> {
    /// What a watchdog calls the endpoint.
    pub(crate) name: &'static str,
    pub(crate) endpoint: Box<dyn Endpoint<S>>,
    pub(crate) scope: usize,
    pub(crate) options: RouteOptions,
}

/// What a route asks for beside its handler.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct RouteOptions {
    pub(crate) stream_body: bool,
    pub(crate) max_body_size: Option<u64>,
    pub(crate) decompress_request: Option<bool>,
    pub(crate) finish_after_close: bool,
    pub(crate) xsrf_exempt: bool,
}

/// A part of the application with middleware, fallback and error page of its own: the whole of it,
/// a host, or a group below a prefix.
pub(crate) struct Scope<S> {
    pub(crate) parent: Option<usize>,
    pub(crate) table: usize,
    pub(crate) prefix: String,
    /// The middleware of this scope alone; once built, with that of all its parents before it.
    pub(crate) layers: Vec<Rc<dyn Layer<S>>>,
    pub(crate) fallback: Option<Box<dyn Endpoint<S>>>,
    pub(crate) error_page: Option<Box<dyn ErrorPage<S>>>,
    pub(crate) current_user: Option<Box<dyn FindUser<S>>>,
    pub(crate) login_url: Option<String>,
    /// Requests of other sites reach all routes of the scope.
    pub(crate) xsrf_exempt: bool,
    pub(crate) log_exception: Option<Box<dyn ErrorLog<S>>>,
}

impl<S> Scope<S> {
    pub(crate) fn new(parent: Option<usize>, table: usize, prefix: String) -> Self {
        Self {
            parent,
            table,
            prefix,
            layers: Vec::new(),
            fallback: None,
            error_page: None,
            current_user: None,
            login_url: None,
            xsrf_exempt: false,
            log_exception: None,
        }
    }

    /// Tells whether a path lies below the prefix, segment by segment.
    fn covers(&self, path: &str) -> bool {
        let mut segments = path.split('/');
        self.prefix.split('/').all(|wanted| {
            let is_parameter = wanted.starts_with('{');
            segments
                .next()
                .is_some_and(|found| found == wanted || is_parameter && !found.is_empty())
        })
    }
}

impl<S> Site<S> {
    /// Finds the innermost scope of a request that has no route.
    pub(crate) fn scope_of(&self, host: &str, path: &str) -> usize {
        let mut best = 0;
        for (number, scope) in self.scopes.iter().enumerate() {
            let is_default = scope.table == 0;
            let host_matches = is_default || self.router.table(scope.table).host().matches(host);
            let rank = |scope: &Scope<S>| (scope.table != 0, scope.prefix.len());
            if host_matches && scope.covers(path) && rank(scope) >= rank(&self.scopes[best]) {
                best = number;
            }
        }
        best
    }

    /// Returns the fallback of a scope, or that of the next one outwards.
    pub(crate) fn fallback_of(&self, scope: usize) -> Option<&dyn Endpoint<S>> {
        let mut scopes = self.outwards(scope);
        scopes.find_map(|scope| scope.fallback.as_deref())
    }

    /// Returns what a class handler behind a route decides for itself.
    pub(crate) fn class_hooks(&self, target: u32) -> Option<&dyn ClassHooks<S>> {
        self.targets.get(target as usize)?.endpoint.class_hooks()
    }

    /// Walks from a scope outwards.
    pub(crate) fn outwards(&self, scope: usize) -> impl Iterator<Item = &Scope<S>> {
        outwards(&self.scopes, scope)
    }
}

/// Walks from a scope outwards.
pub(crate) fn outwards<S>(scopes: &[Scope<S>], scope: usize) -> impl Iterator<Item = &Scope<S>> {
    let first = scopes.get(scope);
    std::iter::successors(first, |scope| scopes.get(scope.parent?))
}
