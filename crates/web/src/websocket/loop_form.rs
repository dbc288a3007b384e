//! A WebSocket handler that is one async function.

use std::any::type_name;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll, ready};

use waterspout_http::ws::handshake::is_same_origin;
use waterspout_http::ws::{CloseCode, Socket, WebSocketConfig};
use waterspout_net::spawn_named;

use super::guard::{Owned, Panicked, poll_guarded, settle};
use super::socket::WebSocket;
use super::upgrade::{accept, check, check_origin};
use crate::context::Context;
use crate::error::Result;
use crate::handler::{Endpoint, HandlerFuture};

/// The endpoint of a function.
pub(crate) struct LoopForm<F> {
    function: Rc<F>,
    config: Rc<WebSocketConfig>,
}

impl<F> LoopForm<F> {
    pub(crate) fn new(function: F, config: WebSocketConfig) -> Self {
        Self {
            function: Rc::new(function),
            config: Rc::new(config),
        }
    }

    fn open<S: 'static>(&self, cx: &mut Context<S>) -> Result
    where
        F: AsyncFn(&mut WebSocket<S>) -> Result + 'static,
    {
        let opening = check(cx)?;
        check_origin(cx, |origin| is_same_origin(origin, cx.host()))?;
        let function = Rc::clone(&self.function);
        let config = Rc::clone(&self.config);
        accept(cx, &opening, None, config, move |socket, mut ws| {
            let handler = Box::pin(async move { function(&mut ws).await });
            let task = LoopTask {
                socket: Owned(socket),
                handler: Some(handler),
            };
            // Boxed, what the runtime keeps of a task is 128 octets, and would be 256.
            spawn_named(type_name::<F>(), Box::pin(task));
        })
    }
}

impl<S, F> Endpoint<S> for LoopForm<F>
where
    S: 'static,
    F: AsyncFn(&mut WebSocket<S>) -> Result + 'static,
{
    fn call<'a>(&'a self, cx: &'a mut Context<S>) -> HandlerFuture<'a> {
        Box::pin(std::future::ready(self.open(cx)))
    }

    fn name(&self) -> &'static str {
        type_name::<F>()
    }
}

/// The task of a socket.
struct LoopTask {
    // Dropped first: the handler may still want to send.
    handler: Option<Pin<Box<dyn Future<Output = Result>>>>,
    socket: Owned,
}

impl LoopTask {
    fn socket(&self) -> &Socket {
        &self.socket.0
    }
}

impl Future for LoopTask {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        self.socket().begin_poll(cx);
        if let Some(handler) = &mut self.handler {
            let Poll::Ready(done) = poll_guarded(handler.as_mut(), cx) else {
                self.socket().poll_background(cx);
                return Poll::Pending;
            };
            self.handler = None;
            match done {
                Ok(result) => settle(self.socket(), result),
                Err(Panicked) => self.socket().sender().close(CloseCode::INTERNAL_ERROR, ""),
            }
        }
        ready!(self.socket().poll_end(cx));
        Poll::Ready(())
    }
}
