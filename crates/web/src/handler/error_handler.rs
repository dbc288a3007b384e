use super::RequestHandler;
use crate::context::Context;
use crate::error::{HttpError, Result};

/// A handler that answers every method with one error, through the application's `write_error`.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, ErrorHandler, HttpError};
///
/// let app = Application::new(()).route("/old", ErrorHandler::new(HttpError::GONE));
/// # drop(app);
/// ```
#[derive(Debug, Clone)]
pub struct ErrorHandler {
    error: HttpError,
}

impl ErrorHandler {
    /// Creates a handler that fails with a status, or with an [`HttpError`].
    #[must_use]
    pub fn new(error: impl Into<HttpError>) -> Self {
        Self {
            error: error.into(),
        }
    }

    fn fail(&self) -> Result {
        Err(self.error.clone().into())
    }
}

impl<S: 'static> RequestHandler<S> for ErrorHandler {
    /// It changes nothing, so that requests of other sites do no harm.
    fn check_xsrf_cookie(&self, _cx: &mut Context<S>) -> Result {
        Ok(())
    }

    async fn get(&mut self, _cx: &mut Context<S>) -> Result {
        self.fail()
    }

    async fn post(&mut self, _cx: &mut Context<S>) -> Result {
        self.fail()
    }

    async fn put(&mut self, _cx: &mut Context<S>) -> Result {
        self.fail()
    }

    async fn patch(&mut self, _cx: &mut Context<S>) -> Result {
        self.fail()
    }

    async fn delete(&mut self, _cx: &mut Context<S>) -> Result {
        self.fail()
    }

    async fn options(&mut self, _cx: &mut Context<S>) -> Result {
        self.fail()
    }
}
