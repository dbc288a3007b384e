//! The task of a client's WebSocket.

use std::cell::{Cell, RefCell};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, Waker, ready};

use super::request::Callbacks;
use crate::ws::{Event, Message, Socket};

/// What a connection and its task share: one message that was read ahead.
#[derive(Default)]
pub(super) struct Shared {
    message: RefCell<Option<Message>>,
    /// Waits for a message.
    reader: RefCell<Option<Waker>>,
    /// Waits for the message to be taken.
    driver: RefCell<Option<Waker>>,
    ended: Cell<bool>,
}

impl Shared {
    pub(super) fn poll_message(&self, cx: &Context<'_>) -> Poll<Option<Message>> {
        if let Some(message) = self.message.take() {
            if let Some(driver) = self.driver.take() {
                driver.wake();
            }
            return Poll::Ready(Some(message));
        }
        if self.ended.get() {
            return Poll::Ready(None);
        }
        let previous = self.reader.replace(Some(cx.waker().clone()));
        drop(previous);
        Poll::Pending
    }

    fn put(&self, message: Message) {
        *self.message.borrow_mut() = Some(message);
        self.wake_reader();
    }

    fn end(&self) {
        self.ended.set(true);
        self.wake_reader();
    }

    fn wake_reader(&self) {
        if let Some(reader) = self.reader.take() {
            reader.wake();
        }
    }
}

/// Reads one message ahead, answers pings, keeps the deadlines, and brings the socket to its end.
pub(super) struct Driver {
    socket: Socket,
    shared: Rc<Shared>,
    callbacks: Callbacks,
}

impl Driver {
    pub(super) fn new(socket: Socket, shared: Rc<Shared>, callbacks: Callbacks) -> Self {
        Self {
            socket,
            shared,
            callbacks,
        }
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while !self.shared.ended.get() {
            // While it closes, messages are thrown away by the socket.
            if self.shared.message.borrow().is_some() && self.socket.is_open() {
                *self.shared.driver.borrow_mut() = Some(cx.waker().clone());
                return Poll::Pending;
            }
            match ready!(self.socket.poll_event(cx)) {
                Some(event) => self.deliver(event),
                None => {
                    self.shared.end();
                    if let Some(callback) = &mut self.callbacks.on_message {
                        callback(None);
                    }
                }
            }
        }
        Poll::Ready(())
    }

    fn deliver(&mut self, event: Event) {
        match event {
            Event::Message(message) => match &mut self.callbacks.on_message {
                Some(callback) => callback(Some(message)),
                None => self.shared.put(message),
            },
            Event::Ping(data) => {
                if let Some(callback) = &mut self.callbacks.on_ping {
                    callback(data);
                }
            }
            Event::Pong(data) => {
                if let Some(callback) = &mut self.callbacks.on_pong {
                    callback(data);
                }
            }
            Event::Close(_) => {}
        }
    }
}

impl Future for Driver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.socket.begin_poll(cx);
        if self.poll_read(cx).is_pending() {
            self.socket.poll_background(cx);
            return Poll::Pending;
        }
        self.socket.poll_end(cx)
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.socket.abort();
        self.shared.end();
    }
}
