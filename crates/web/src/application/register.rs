//! From a pattern and a handler to an entry of the router.

use http::Method;

use super::{Application, LastRoute};
use crate::handler::{Class, Endpoint, RequestHandler, Verb, Verbs};
use crate::router::{Entry, Syntax};
use crate::service::{RouteOptions, Target};

/// The methods a handler is registered for.
pub(super) enum Methods {
    One(Verb),
    Several(Verbs),
    Extension(Method),
    Any,
}

impl Methods {
    pub(super) fn of(method: Method) -> Self {
        match Verb::of(&method) {
            Some(verb) => Self::One(verb),
            None => Self::Extension(method),
        }
    }

    fn add_to(&self, entry: &mut Entry, target: u32) -> Result<(), String> {
        match self {
            Self::One(verb) => entry.add(*verb, target),
            Self::Several(verbs) => verbs.iter().try_for_each(|verb| entry.add(verb, target)),
            Self::Extension(method) => entry.add_extension(method.clone(), target),
            Self::Any => entry.add_any(target),
        }
    }
}

impl<S: 'static> Application<S> {
    #[track_caller]
    pub(super) fn add_class<H: RequestHandler<S>>(
        self,
        syntax: Syntax,
        pattern: &str,
        handler: H,
    ) -> Self {
        let class = Class::new(handler);
        let verbs = class.verbs();
        self.add(syntax, Methods::Several(verbs), pattern, class)
    }

    #[track_caller]
    pub(super) fn add(
        mut self,
        syntax: Syntax,
        methods: Methods,
        pattern: &str,
        endpoint: impl Endpoint<S> + 'static,
    ) -> Self {
        match self.try_add(syntax, &methods, pattern, Box::new(endpoint)) {
            Ok(route) => self.last = Some(route),
            Err(problem) => panic!("route {pattern:?}: {problem}"),
        }
        self
    }

    fn try_add(
        &mut self,
        syntax: Syntax,
        methods: &Methods,
        pattern: &str,
        endpoint: Box<dyn Endpoint<S>>,
    ) -> Result<LastRoute, String> {
        let pattern = self.full_pattern(syntax, pattern)?;
        let table = self.scopes[self.scope].table;
        let entry = self.router.register(table, syntax, &pattern)?;
        let target = self.targets.len();
        let number = u32::try_from(target).map_err(|_| "too many routes".to_owned())?;
        methods.add_to(self.router.entry_mut(entry), number)?;
        if let Methods::Extension(method) = methods {
            self.router.add_extension(method);
        }
        self.targets.push(Target {
            name: endpoint.name(),
            endpoint,
            scope: self.scope,
            options: RouteOptions::default(),
        });
        Ok(LastRoute { entry, target })
    }

    /// Puts the prefix of the group before the pattern.
    fn full_pattern(&self, syntax: Syntax, pattern: &str) -> Result<String, String> {
        let prefix = &self.scopes[self.scope].prefix;
        match syntax {
            Syntax::Path => {
                let full = format!("{prefix}{pattern}");
                if looks_like_regex(pattern) {
                    return Err(REGEX.to_owned());
                }
                if pattern.starts_with('/') || pattern.is_empty() && !full.is_empty() {
                    return Ok(full);
                }
                Err("a path begins with a slash".to_owned())
            }
            Syntax::Regex => {
                if prefix.contains(['{', '}']) {
                    return Err("the prefix of its group has parameters".to_owned());
                }
                let pattern = pattern.strip_prefix('^').unwrap_or(pattern);
                let pattern = pattern
                    .strip_suffix('$')
                    .filter(|rest| !rest.ends_with('\\'))
                    .unwrap_or(pattern);
                Ok(regex::escape(prefix) + pattern)
            }
        }
    }
}

/// A Tornado pattern in the wrong place would match nothing, and say nothing.
const REGEX: &str = "this is a regular expression, which route_regex, get_regex and so on take; \
                     a path has parameters such as {id} and {*rest}";

/// Tells whether a path has what begins a group of a regular expression, and stands in no path.
fn looks_like_regex(pattern: &str) -> bool {
    let begins = ["([", "(\\", "(?", "(.*", "(.+"];
    begins.iter().any(|begin| pattern.contains(begin))
}
