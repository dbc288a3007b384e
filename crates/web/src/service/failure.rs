//! Failures: every one of them, whoever it comes from, ends in [`Context::fail`].

use std::rc::Rc;

use http::StatusCode;
use tracing::{Instrument, Span};

use super::access_log::Summary;
use super::watch::{by_name, watch};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::HandlerFuture;

/// What writes the body of an error response.
pub(crate) trait ErrorPage<S> {
    fn write<'a>(&'a self, cx: &'a mut Context<S>, error: &'a Error) -> HandlerFuture<'a>;
}

impl<S, F> ErrorPage<S> for F
where
    F: AsyncFn(&mut Context<S>, &Error) -> Result,
{
    fn write<'a>(&'a self, cx: &'a mut Context<S>, error: &'a Error) -> HandlerFuture<'a> {
        Box::pin(async move { self(cx, error).await })
    }
}

/// What logs failures in place of the framework.
pub(crate) trait ErrorLog<S> {
    fn log<'a>(&'a self, cx: &'a mut Context<S>, error: &'a Error) -> HandlerFuture<'a>;
}

impl<S, F> ErrorLog<S> for F
where
    F: AsyncFn(&mut Context<S>, &Error),
{
    fn log<'a>(&'a self, cx: &'a mut Context<S>, error: &'a Error) -> HandlerFuture<'a> {
        Box::pin(async move {
            self(cx, error).await;
            Ok(())
        })
    }
}

impl<S: 'static> Context<S> {
    /// Logs a failure and turns the response into its error page.
    pub(crate) async fn fail(&mut self, error: Error) {
        let span = self.span().cloned().unwrap_or_else(Span::none);
        self.answer_with(error).instrument(span).await;
    }

    async fn answer_with(&mut self, error: Error) {
        if error.is_disconnected() {
            self.abandon();
            return;
        }
        if !error.status().is_redirection() {
            self.log_failure(&error).await;
        }
        if self.exchange().is_finished() {
            return;
        }
        if self.exchange().head_sent() {
            // The client must see that the response is not whole.
            tracing::error!(
                target: "waterspout::general",
                "Cannot send error response after headers written"
            );
            self.exchange_mut().abort();
            return;
        }
        self.start_error(&error);
        if has_body(error.status()) {
            self.write_error_body(&error).await;
        }
        if let Err(failure) = self.complete() {
            log_page(self, &failure);
            self.exchange_mut().abort();
        }
    }

    /// Lets the handler, the group or the application log, and the framework if none of them does.
    async fn log_failure(&mut self, error: &Error) {
        let site = Rc::clone(self.site());
        let class = site.class_hooks(self.target());
        let scope = self.scope();
        let of_scope = || {
            let mut scopes = site.outwards(scope);
            scopes.find_map(|scope| scope.log_exception.as_deref())
        };
        let log = class.and_then(|class| class.error_log()).or_else(of_scope);
        let Some(log) = log else {
            self.log_exception(error);
            return;
        };
        let logged = watch(by_name("log_exception", log.log(self, error)), None).await;
        if let Err(panic) = logged {
            self.log_exception(&panic);
            self.log_exception(error);
        }
    }

    /// Lets the handler, the group or the application write the page, and the framework if not.
    async fn write_error_body(&mut self, error: &Error) {
        let written = match self.take_aftermath() {
            Some(mut handler) => {
                let written = match handler.write_error(self, error) {
                    Some(page) => Some(watch(by_name("write_error", page), None).await),
                    None => None,
                };
                self.set_aftermath(handler);
                written
            }
            None => None,
        };
        let written = match written {
            Some(written) => written,
            None => self.write_error_of_scope(error).await,
        };
        if let Err(failure) = written {
            log_page(self, &failure);
            if !self.exchange().head_sent() {
                self.start_error(error);
            }
        }
    }

    async fn write_error_of_scope(&mut self, error: &Error) -> Result {
        let site = Rc::clone(self.site());
        let mut scopes = site.outwards(self.scope());
        match scopes.find_map(|scope| scope.error_page.as_deref()) {
            Some(page) => watch(by_name("write_error", page.write(self, error)), None).await,
            None => self.write_error_page(error),
        }
    }

    /// Runs `on_finish` of a class handler.
    pub(crate) async fn run_on_finish(&mut self) {
        let Some(mut handler) = self.take_aftermath() else {
            return;
        };
        if let Err(panic) = watch(by_name("on_finish", handler.on_finish(self)), None).await {
            self.log_exception(&panic);
        }
    }
}

impl<S> Context<S> {
    /// Writes the framework's own line about a failure to the log, for a
    /// [`log_exception`](crate::Application::log_exception) that does something beside it.
    ///
    /// A failure of the server is an error with all its causes, to the target `waterspout::application`; what
    /// the client did wrong a warning to `waterspout::general`, if there is a message or a cause.
    pub fn log_exception(&self, error: &Error) {
        log(self, error);
    }
}

/// Statuses whose responses have no body (RFC 9110 §6.4.1), and redirects, whose body nobody sees.
fn has_body(status: StatusCode) -> bool {
    !status.is_informational() && status != StatusCode::NO_CONTENT && !status.is_redirection()
}

/// What has a cause is the server's trouble; what has only a message is the client's.
fn log<S>(cx: &Context<S>, error: &Error) {
    let summary = Summary(cx);
    if error.status().is_server_error() && error.cause().is_some() {
        tracing::error!(target: "waterspout::application", "Uncaught error {summary}: {error:?}");
    } else if error.cause().is_some() {
        tracing::warn!(target: "waterspout::general", "{error} {summary}: {error:?}");
    } else if let Some(message) = error.answer().log_message() {
        let status = error.status().as_u16();
        tracing::warn!(target: "waterspout::general", "{status} {summary}: {message}");
    }
}

fn log_page<S>(cx: &Context<S>, error: &Error) {
    let summary = Summary(cx);
    tracing::error!(target: "waterspout::application", "write_error failed {summary}: {error:?}");
}
