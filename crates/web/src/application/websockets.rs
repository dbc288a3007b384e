//! Registering WebSockets.

use super::Application;
use super::register::Methods;
use crate::WebSocketConfig;
use crate::error::Result;
use crate::handler::Verb;
use crate::router::Syntax;
use crate::websocket::{ClassForm, LoopForm, WebSocket, WebSocketHandler};

impl<S: 'static> Application<S> {
    /// Serves WebSockets on a path with an async function, which runs as long as the socket is open.
    ///
    /// Only pages of the same origin may connect; a [`WebSocketHandler`] can open it to others.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has a GET already.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Result, WebSocket};
    ///
    /// async fn echo(ws: &mut WebSocket) -> Result {
    ///     while let Some(message) = ws.recv().await? {
    ///         ws.send(message).await?;
    ///     }
    ///     Ok(())
    /// }
    ///
    /// let app = Application::new(()).websocket("/echo", echo);
    /// # drop(app);
    /// ```
    #[track_caller]
    pub fn websocket<F>(self, path: &str, function: F) -> Self
    where
        F: AsyncFn(&mut WebSocket<S>) -> Result + 'static,
    {
        self.websocket_with(path, WebSocketConfig::default(), function)
    }

    /// Serves WebSockets as [`websocket`](Self::websocket) does, with limits of its own.
    ///
    /// # Panics
    ///
    /// Panics as [`websocket`](Self::websocket) does.
    #[track_caller]
    pub fn websocket_with<F>(self, path: &str, config: WebSocketConfig, function: F) -> Self
    where
        F: AsyncFn(&mut WebSocket<S>) -> Result + 'static,
    {
        let endpoint = LoopForm::new(function, config);
        self.add(Syntax::Path, Methods::One(Verb::Get), path, endpoint)
    }

    /// Serves WebSockets on a path with a handler in class form; each socket gets its own clone.
    ///
    /// # Panics
    ///
    /// Panics if the pattern is malformed, conflicts with another one, or has a GET already.
    #[track_caller]
    pub fn websocket_handler<H: WebSocketHandler<S>>(self, path: &str, handler: H) -> Self {
        let endpoint = ClassForm::new(handler);
        self.add(Syntax::Path, Methods::One(Verb::Get), path, endpoint)
    }

    /// Serves WebSockets under a regular expression with an async function.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed, or has a GET already.
    #[track_caller]
    pub fn websocket_regex<F>(self, pattern: &str, function: F) -> Self
    where
        F: AsyncFn(&mut WebSocket<S>) -> Result + 'static,
    {
        let endpoint = LoopForm::new(function, WebSocketConfig::default());
        self.add(Syntax::Regex, Methods::One(Verb::Get), pattern, endpoint)
    }

    /// Serves WebSockets under a regular expression with a handler in class form.
    ///
    /// # Panics
    ///
    /// Panics if the expression is malformed, or has a GET already.
    #[track_caller]
    pub fn websocket_handler_regex<H: WebSocketHandler<S>>(
        self,
        pattern: &str,
        handler: H,
    ) -> Self {
        let endpoint = ClassForm::new(handler);
        self.add(Syntax::Regex, Methods::One(Verb::Get), pattern, endpoint)
    }
}
