//! Which methods a class handler implements.
//!
//! The future that an unimplemented method returns has a type of its own. The closures below are
//! never called: handing one over is enough to learn the type of the future it would return.

use std::any::TypeId;

use super::defaults::{MethodNotAllowed, NoHook, NothingDone, UserOfApplication};
use super::request_handler::RequestHandler;
use super::verb::{Verb, Verbs};
use crate::context::Context;
use crate::error::Error;

/// Tells whether a method returns something else than the default future `D`.
fn differs<D: 'static, H: 'static, S: 'static, F: 'static>(
    _: impl Fn(&'static mut H, &'static mut Context<S>) -> F,
) -> bool {
    TypeId::of::<F>() != TypeId::of::<D>()
}

fn error_page_differs<H: 'static, S: 'static, F: 'static>(
    _: impl Fn(&'static mut H, &'static mut Context<S>, &'static Error) -> F,
) -> bool {
    TypeId::of::<F>() != TypeId::of::<NothingDone>()
}

fn user_differs<H: 'static, S: 'static, F: 'static>(
    _: impl Fn(&'static H, &'static mut Context<S>) -> F,
) -> bool {
    TypeId::of::<F>() != TypeId::of::<UserOfApplication>()
}

fn log_differs<H: 'static, S: 'static, F: 'static>(
    _: impl Fn(&'static H, &'static mut Context<S>, &'static Error) -> F,
) -> bool {
    TypeId::of::<F>() != TypeId::of::<NoHook>()
}

type Handler<H> = &'static mut H;
type Cx<S> = &'static mut Context<S>;

/// Returns the verbs that a handler implements.
pub(super) fn verbs<S: 'static, H: RequestHandler<S>>() -> Verbs {
    let implemented = [
        (
            Verb::Get,
            differs::<MethodNotAllowed, H, S, _>(|h: Handler<H>, cx: Cx<S>| h.get(cx)),
        ),
        (
            Verb::Head,
            differs::<MethodNotAllowed, H, S, _>(|h: Handler<H>, cx: Cx<S>| h.head(cx)),
        ),
        (
            Verb::Post,
            differs::<MethodNotAllowed, H, S, _>(|h: Handler<H>, cx: Cx<S>| h.post(cx)),
        ),
        (
            Verb::Put,
            differs::<MethodNotAllowed, H, S, _>(|h: Handler<H>, cx: Cx<S>| h.put(cx)),
        ),
        (
            Verb::Patch,
            differs::<MethodNotAllowed, H, S, _>(|h: Handler<H>, cx: Cx<S>| h.patch(cx)),
        ),
        (
            Verb::Delete,
            differs::<MethodNotAllowed, H, S, _>(|h: Handler<H>, cx: Cx<S>| h.delete(cx)),
        ),
        (
            Verb::Options,
            differs::<MethodNotAllowed, H, S, _>(|h: Handler<H>, cx: Cx<S>| h.options(cx)),
        ),
    ];
    let mut verbs = Verbs::default();
    for (verb, _) in implemented.into_iter().filter(|(_, is)| *is) {
        verbs.insert(verb);
    }
    verbs
}

/// The hooks that a handler implements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hooks {
    pub(super) on_finish: bool,
    pub(super) on_connection_close: bool,
    pub(super) write_error: bool,
    pub(super) current_user: bool,
    pub(super) log_exception: bool,
}

impl Hooks {
    pub(super) fn of<S: 'static, H: RequestHandler<S>>() -> Self {
        Self {
            on_finish: differs::<NoHook, H, S, _>(|h: Handler<H>, cx: Cx<S>| h.on_finish(cx)),
            on_connection_close: differs::<NoHook, H, S, _>(|h: Handler<H>, cx: Cx<S>| {
                h.on_connection_close(cx)
            }),
            write_error: error_page_differs(|h: Handler<H>, cx: Cx<S>, error: &'static Error| {
                h.write_error(cx, error)
            }),
            current_user: user_differs(|h: &'static H, cx: Cx<S>| h.current_user(cx)),
            log_exception: log_differs(|h: &'static H, cx: Cx<S>, error: &'static Error| {
                h.log_exception(cx, error)
            }),
        }
    }

    /// Tells whether the handler is needed beside its verb.
    pub(super) fn any(self) -> bool {
        self.outlive_the_verb() || self.on_connection_close
    }

    /// Tells whether the handler is needed after its verb has answered.
    pub(super) fn outlive_the_verb(self) -> bool {
        self.on_finish || self.write_error
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::CurrentUser;
    use crate::error::Result;

    #[derive(Clone)]
    struct Silent;
    impl RequestHandler for Silent {}

    #[derive(Clone)]
    struct Some<T>(T);
    impl<T: Clone + 'static, S: 'static> RequestHandler<S> for Some<T> {
        async fn get(&mut self, _cx: &mut Context<S>) -> Result {
            Ok(())
        }
        fn delete(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
            std::future::ready(Ok(()))
        }
        async fn on_finish(&mut self, _cx: &mut Context<S>) {}
        async fn write_error(&mut self, cx: &mut Context<S>, error: &Error) -> Result {
            cx.write(error.to_string())
        }
        async fn current_user(&self, _cx: &mut Context<S>) -> Result<CurrentUser> {
            Ok(CurrentUser::nobody())
        }
    }

    #[test]
    fn nothing_is_found_where_nothing_is_written() {
        assert_eq!(verbs::<(), Silent>(), Verbs::default());
        let hooks = Hooks::of::<(), Silent>();
        assert!(!hooks.any() && !hooks.current_user && !hooks.log_exception);
    }

    #[test]
    fn verbs_and_hooks_are_found_by_the_types_of_their_futures() {
        let found: Vec<Verb> = verbs::<String, Some<u8>>().iter().collect();
        assert_eq!(found, [Verb::Get, Verb::Delete]);
        let hooks = Hooks::of::<String, Some<u8>>();
        assert!(hooks.on_finish && hooks.write_error && !hooks.on_connection_close);
        assert!(hooks.current_user && !hooks.log_exception);
    }
}
