//! A WebSocket handler in class form.

use std::any::type_name;
use std::cell::RefCell;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context as TaskContext, Poll};

use waterspout_http::ws::{CloseCode, CloseReason, Event, Socket, WebSocketConfig};
use waterspout_net::spawn_named;

use super::guard::{Owned, Panicked, poll_guarded, settle};
use super::handler::WebSocketHandler;
use super::socket::WebSocket;
use super::upgrade::{accept, check, check_origin};
use crate::context::Context;
use crate::error::Result;
use crate::handler::{Endpoint, HandlerFuture};

/// The endpoint of a class.
pub(crate) struct ClassForm<H> {
    handler: H,
    /// The configuration of the socket before: most sockets share one.
    config: RefCell<Rc<WebSocketConfig>>,
}

impl<H> ClassForm<H> {
    pub(crate) fn new(handler: H) -> Self {
        Self {
            handler,
            config: RefCell::default(),
        }
    }

    fn share(&self, config: WebSocketConfig) -> Rc<WebSocketConfig> {
        let mut known = self.config.borrow_mut();
        if **known != config {
            *known = Rc::new(config);
        }
        Rc::clone(&known)
    }

    async fn open<S: 'static>(&self, cx: &mut Context<S>) -> Result
    where
        H: WebSocketHandler<S>,
    {
        let opening = check(cx)?;
        let mut handler = self.handler.clone();
        check_origin(cx, |origin| handler.check_origin(cx, origin))?;
        handler.prepare(cx).await?;
        if cx.is_finished() {
            return Ok(());
        }
        let subprotocol = handler.select_subprotocol(cx, &opening.subprotocols);
        let config = self.share(handler.config());
        accept(cx, &opening, subprotocol, config, move |socket, ws| {
            let parts = Parts { handler, ws };
            let task = ClassTask {
                stage: Stage::Busy(Box::pin(parts.begin())),
                socket: Owned(socket),
            };
            // Boxed, what the runtime keeps of a task is 128 octets, and would be 256.
            spawn_named(type_name::<H>(), Box::pin(task));
        })
    }
}

impl<S: 'static, H: WebSocketHandler<S>> Endpoint<S> for ClassForm<H> {
    fn call<'a>(&'a self, cx: &'a mut Context<S>) -> HandlerFuture<'a> {
        Box::pin(self.open(cx))
    }

    fn name(&self) -> &'static str {
        type_name::<H>()
    }
}

/// The task of a socket. Idle, it is this small struct; an event brings a future to life that works
/// until no more events are buffered.
struct ClassTask<H, S> {
    // Dropped first: the handler may still want to send.
    stage: Stage<H, S>,
    socket: Owned,
}

enum Stage<H, S> {
    /// Nothing happens; the handler waits for an event.
    Idle(Parts<H, S>),
    /// A method of the handler runs.
    Busy(Work<H, S>),
    /// The handler is gone.
    Ending,
}

/// Gives the handler back while its socket is open.
type Work<H, S> = Pin<Box<dyn Future<Output = Option<Parts<H, S>>>>>;

/// A handler and its socket.
struct Parts<H, S> {
    handler: H,
    ws: WebSocket<S>,
}

impl<S: 'static, H: WebSocketHandler<S>> Parts<H, S> {
    async fn begin(mut self) -> Option<Self> {
        let opened = self.handler.open(&mut self.ws).await;
        settle(self.ws.socket(), opened);
        self.go_on().await
    }

    async fn work(mut self, event: Option<Event>) -> Option<Self> {
        if !self.handle(event).await {
            return None;
        }
        self.go_on().await
    }

    /// Handles events as long as there are any; `None` after the last one.
    async fn go_on(mut self) -> Option<Self> {
        loop {
            let polled = poll_fn(|cx| Poll::Ready(self.ws.socket().poll_event(cx))).await;
            match polled {
                Poll::Pending => return Some(self),
                Poll::Ready(event) => {
                    if !self.handle(event).await {
                        return None;
                    }
                }
            }
        }
    }

    /// Calls the method that an event is for; false after `on_close`.
    async fn handle(&mut self, event: Option<Event>) -> bool {
        let (handler, ws) = (&mut self.handler, &mut self.ws);
        let result = match event {
            Some(Event::Message(message)) => handler.on_message(ws, message).await,
            Some(Event::Ping(data)) => handler.on_ping(ws, data).await,
            Some(Event::Pong(data)) => handler.on_pong(ws, data).await,
            Some(Event::Close(_)) | None => {
                let reason = ws.socket().close_reason();
                let reason = reason.unwrap_or(CloseReason::new(CloseCode::ABNORMAL, ""));
                handler.on_close(ws, reason.code, &reason.text).await;
                return false;
            }
        };
        settle(self.ws.socket(), result);
        true
    }
}

impl<H, S> ClassTask<H, S> {
    fn socket(&self) -> &Socket {
        &self.socket.0
    }
}

impl<S: 'static, H: WebSocketHandler<S>> Future for ClassTask<H, S> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut TaskContext<'_>) -> Poll<()> {
        let this = &mut *self;
        this.socket().begin_poll(cx);
        if let Stage::Idle(_) = &this.stage {
            let Poll::Ready(event) = this.socket().poll_event(cx) else {
                this.socket().poll_background(cx);
                return Poll::Pending;
            };
            if let Stage::Idle(parts) = std::mem::replace(&mut this.stage, Stage::Ending) {
                this.stage = Stage::Busy(Box::pin(parts.work(event)));
            }
        }
        if let Stage::Busy(work) = &mut this.stage {
            match poll_guarded(work.as_mut(), cx) {
                Poll::Pending => {
                    this.socket().poll_background(cx);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(Some(parts))) => {
                    // The last event was awaited by this very task, so it is woken by the next.
                    this.stage = Stage::Idle(parts);
                    this.socket().poll_background(cx);
                    return Poll::Pending;
                }
                Poll::Ready(Ok(None)) => this.stage = Stage::Ending,
                Poll::Ready(Err(Panicked)) => {
                    this.stage = Stage::Ending;
                    this.socket().sender().close(CloseCode::INTERNAL_ERROR, "");
                }
            }
        }
        this.socket().poll_end(cx)
    }
}

// No future of the handler is pinned in the task itself.
impl<H, S> Unpin for ClassTask<H, S> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_task_of_an_idle_socket_holds_a_few_words() {
        assert!(size_of::<ClassTask<(), ()>>() <= 64);
    }
}
