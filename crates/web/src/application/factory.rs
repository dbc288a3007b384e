//! What makes the application of a worker.

use super::Application;

/// A closure that makes an [`Application`]: `Fn() -> Application<S> + Send + Sync + 'static`.
///
/// Each worker has an application of its own, made on its own thread; so what the closure captures has to
/// be `Send` and `Sync`, and what it makes need not be.
#[diagnostic::on_unimplemented(
    message = "a server needs a closure that makes an `Application`, not `{Self}`",
    label = "does not make an application for each worker",
    note = "every worker has an application of its own: write `HttpServer::new(|| Application::new(…))`",
    note = "the closure goes to the worker's thread: it captures `Arc` in place of `Rc`, and nothing that is not `Send` and `Sync`"
)]
pub trait ApplicationFactory<S>: Send + Sync + 'static {
    /// Makes an application.
    fn make(&self) -> Application<S>;
}

#[diagnostic::do_not_recommend]
impl<S, F> ApplicationFactory<S> for F
where
    F: Fn() -> Application<S> + Send + Sync + 'static,
{
    fn make(&self) -> Application<S> {
        self()
    }
}
