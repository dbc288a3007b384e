//! Registering functions and class handlers under path patterns.

use http::Method;

use super::Application;
use super::register::Methods;
use crate::context::Context;
use crate::handler::{Func, RequestHandler, Verb};
use crate::reply::Reply;
use crate::router::Syntax;

impl<S: 'static> Application<S> {
    /// Answers GET and HEAD on a path with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has a GET already.
    #[track_caller]
    pub fn get<F, R>(self, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Path,
            Methods::One(Verb::Get),
            path,
            Func::new(handler),
        )
    }

    /// Answers POST on a path with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has a POST already.
    #[track_caller]
    pub fn post<F, R>(self, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Path,
            Methods::One(Verb::Post),
            path,
            Func::new(handler),
        )
    }

    /// Answers PUT on a path with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has a PUT already.
    #[track_caller]
    pub fn put<F, R>(self, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Path,
            Methods::One(Verb::Put),
            path,
            Func::new(handler),
        )
    }

    /// Answers PATCH on a path with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has a PATCH already.
    #[track_caller]
    pub fn patch<F, R>(self, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Path,
            Methods::One(Verb::Patch),
            path,
            Func::new(handler),
        )
    }

    /// Answers DELETE on a path with a function or closure.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has a DELETE already.
    #[track_caller]
    pub fn delete<F, R>(self, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Path,
            Methods::One(Verb::Delete),
            path,
            Func::new(handler),
        )
    }

    /// Answers HEAD on a path with a function or closure, in place of the GET handler.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has a HEAD already.
    #[track_caller]
    pub fn head<F, R>(self, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Path,
            Methods::One(Verb::Head),
            path,
            Func::new(handler),
        )
    }

    /// Answers OPTIONS on a path with a function or closure, in place of the automatic 204.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has an OPTIONS already.
    #[track_caller]
    pub fn options<F, R>(self, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(
            Syntax::Path,
            Methods::One(Verb::Options),
            path,
            Func::new(handler),
        )
    }

    /// Answers every method on a path that has no handler of its own.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has such a handler
    /// already.
    #[track_caller]
    pub fn any<F, R>(self, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(Syntax::Path, Methods::Any, path, Func::new(handler))
    }

    /// Answers a method on a path with a function or closure; also one that HTTP does not know.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has the method already.
    #[track_caller]
    pub fn on<F, R>(self, method: Method, path: &str, handler: F) -> Self
    where
        F: AsyncFn(&mut Context<S>) -> R + 'static,
        R: Reply<S> + 'static,
    {
        self.add(Syntax::Path, Methods::of(method), path, Func::new(handler))
    }

    /// Answers on a path with a handler in class form: with all the verbs it implements.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has one of the verbs
    /// already.
    #[track_caller]
    pub fn route<H: RequestHandler<S>>(self, path: &str, handler: H) -> Self {
        self.add_class(Syntax::Path, path, handler)
    }
}
