use std::future::{Future, ready};

use waterspout_http::Bytes;
use waterspout_http::ws::handshake::is_same_origin;
use waterspout_http::ws::{CloseCode, Message, WebSocketConfig};

use super::socket::WebSocket;
use crate::context::Context;
use crate::error::Result;

/// A WebSocket handler in class form, as in Tornado.
///
/// Each socket gets its own clone, so fields are the state of one socket. The methods run one at a
/// time; no message is delivered before `open` is done, and nothing is read while one of them runs. An
/// idle socket in this form costs the least memory.
///
/// A method that fails or panics is logged, and the socket is closed with 1011. Once `open` has begun,
/// `on_close` runs in any case but one: a panic leaves no handler behind, only what its fields do when
/// they are dropped.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, CloseCode, Message, Result, WebSocket, WebSocketHandler};
///
/// #[derive(Clone, Default)]
/// struct Counter {
///     messages: u32,
/// }
///
/// impl WebSocketHandler for Counter {
///     async fn on_message(&mut self, ws: &mut WebSocket, message: Message) -> Result {
///         self.messages += 1;
///         ws.send(format!("{}: {message}", self.messages)).await
///     }
///
///     async fn on_close(&mut self, _ws: &mut WebSocket, code: CloseCode, reason: &str) {
///         println!("closed with {code} {reason}");
///     }
/// }
///
/// let app = Application::new(()).websocket_handler("/count", Counter::default());
/// # drop(app);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a WebSocket handler for an application with the state `{S}`",
    label = "does not implement `WebSocketHandler<{S}>`",
    note = "a handler derives `Clone` and writes `impl WebSocketHandler<{S}> for {Self}`; functions are registered with `websocket` instead of `websocket_handler`"
)]
pub trait WebSocketHandler<S: 'static = ()>: Clone + 'static {
    /// Takes a message.
    fn on_message(
        &mut self,
        ws: &mut WebSocket<S>,
        message: Message,
    ) -> impl Future<Output = Result>;

    /// Runs before the upgrade, with the whole request: cookies, arguments, fields for the answer. An
    /// error refuses the WebSocket with its status; so does finishing the response.
    fn prepare(&mut self, _cx: &mut Context<S>) -> impl Future<Output = Result> {
        ready(Ok(()))
    }

    /// Decides whether a page of `origin` may connect; asked if the request has an `Origin` field.
    /// Default: the origin's host and port are those of the request.
    fn check_origin(&self, cx: &Context<S>, origin: &str) -> bool {
        is_same_origin(origin, cx.host())
    }

    /// Chooses one of the subprotocols that the client offers; one that it does not offer is not
    /// sent. Default: none.
    fn select_subprotocol(&mut self, _cx: &Context<S>, _offered: &[String]) -> Option<String> {
        None
    }

    /// Returns limits, pings, queue and compression of this socket; asked after
    /// [`prepare`](Self::prepare). Default: that of [`WebSocketConfig::default`].
    fn config(&self) -> WebSocketConfig {
        WebSocketConfig::default()
    }

    /// Runs when the socket is open, before any message.
    fn open(&mut self, _ws: &mut WebSocket<S>) -> impl Future<Output = Result> {
        ready(Ok(()))
    }

    /// Sees a ping, which is answered already.
    fn on_ping(&mut self, _ws: &mut WebSocket<S>, _data: Bytes) -> impl Future<Output = Result> {
        ready(Ok(()))
    }

    /// Sees a pong.
    fn on_pong(&mut self, _ws: &mut WebSocket<S>, _data: Bytes) -> impl Future<Output = Result> {
        ready(Ok(()))
    }

    /// Runs once when the socket is closed, with what [`WebSocket::close_code`] and
    /// [`WebSocket::close_reason`] say. Nothing can be sent any more.
    fn on_close(
        &mut self,
        _ws: &mut WebSocket<S>,
        _code: CloseCode,
        _reason: &str,
    ) -> impl Future<Output = ()> {
        ready(())
    }
}
