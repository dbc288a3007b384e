//! Calls the methods of a protocol as things happen on its stream.

use std::io;
use std::task::{Context, Poll, ready};

use super::transport::{Phase, Shared};
use super::water::{Flow, Water};
use super::{Protocol, StreamTransport};
use crate::IoStream;

pub(super) struct Driver<P: Protocol> {
    stream: IoStream,
    /// Gone while one of its methods runs: one that panics leaves none to be called again.
    protocol: Option<P>,
    transport: StreamTransport,
    made: bool,
    peer_ended: bool,
    water: Water,
}

impl<P: Protocol> Driver<P> {
    pub(super) fn new(stream: IoStream, protocol: P, transport: StreamTransport) -> Self {
        Self {
            stream,
            protocol: Some(protocol),
            transport,
            made: false,
            peer_ended: false,
            water: Water::default(),
        }
    }

    /// Takes the protocol out after the end.
    pub(super) fn into_protocol(mut self) -> P {
        self.protocol
            .take()
            .expect("no method of it runs, and none has panicked")
    }

    /// Ready when the connection is lost.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        match ready!(self.poll_life(cx)) {
            Ok(()) => self.lost(None),
            Err(error) => self.lost(Some(&error)),
        }
        Poll::Ready(())
    }

    fn poll_life(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if !self.made {
            self.made = true;
            let transport = self.transport.clone();
            self.call(|protocol| protocol.connection_made(&transport));
        }
        loop {
            self.shared().wakeup.begin();
            if self.shared().phase.get() == Phase::Aborted {
                return Poll::Ready(Ok(()));
            }
            if self.poll_write(cx)?.is_ready() {
                return Poll::Ready(Ok(()));
            }
            let read = self.poll_read(cx)?;
            if read.is_pending() && !self.shared().wakeup.must_look_again(cx) {
                return Poll::Pending;
            }
        }
    }

    /// Writes what waits, and the end behind it; ready when the connection is closed by that.
    fn poll_write(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let outgoing = self.shared().outgoing.take();
        if !outgoing.is_empty() {
            self.stream.enqueue_bytes(outgoing.into());
        }
        let flushed = self.stream.poll_flush(cx, &mut 0)?;
        self.shared().queued.set(self.stream.queued());
        self.report_water();
        ready!(flushed);
        if !self.shared().outgoing.borrow().is_empty() {
            // Written in `resume_writing`: first its turn, then the end.
            return Poll::Pending;
        }
        match self.shared().phase.get() {
            Phase::EofAsked => {
                ready!(self.stream.poll_shutdown(cx))?;
                self.shared().phase.set(Phase::EofSent);
                if self.stream.is_read() {
                    Poll::Pending
                } else {
                    Poll::Ready(Ok(()))
                }
            }
            Phase::Closing => {
                ready!(self.stream.poll_shutdown(cx))?;
                Poll::Ready(Ok(()))
            }
            _ => Poll::Pending,
        }
    }

    fn report_water(&mut self) {
        let waiting = self.transport.write_buffer_size();
        let (low, high) = (self.shared().low.get(), self.shared().high.get());
        match self.water.look(waiting, low, high) {
            Some(Flow::Pause) => self.call(P::pause_writing),
            Some(Flow::Resume) => self.call(P::resume_writing),
            None => {}
        }
    }

    /// Reads once and reports it; pending when nothing comes or nothing is wanted.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.peer_ended || !self.transport.is_reading() {
            return Poll::Pending;
        }
        if !self.stream.is_read() {
            ready!(self.stream.poll_abandoned(cx));
            if !self.stream.is_flushed() {
                return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
            }
            self.transport.abort();
            return Poll::Ready(Ok(()));
        }
        if self.stream.buffered().is_empty() && ready!(self.stream.poll_fill(cx))? == 0 {
            self.peer_ended = true;
            if !self.call(P::eof_received) {
                self.transport.close();
            }
            return Poll::Ready(Ok(()));
        }
        let count = self.stream.buffered().len();
        if let Some(mut protocol) = self.protocol.take() {
            protocol.data_received(self.stream.buffered());
            self.protocol = Some(protocol);
        }
        self.stream.consume(count);
        self.stream.release_input();
        Poll::Ready(Ok(()))
    }

    fn lost(&mut self, cause: Option<&io::Error>) {
        if self.shared().phase.replace(Phase::Lost) == Phase::Lost {
            return;
        }
        self.shared().outgoing.take();
        self.shared().queued.set(0);
        self.stream.close_now();
        if self.made {
            self.call(|protocol| protocol.connection_lost(cause));
        }
    }

    fn call<T: Default>(&mut self, method: impl FnOnce(&mut P) -> T) -> T {
        let Some(mut protocol) = self.protocol.take() else {
            return T::default();
        };
        let returned = method(&mut protocol);
        self.protocol = Some(protocol);
        returned
    }

    fn shared(&self) -> &Shared {
        &self.transport.shared
    }
}

impl<P: Protocol> Drop for Driver<P> {
    fn drop(&mut self) {
        self.lost(None);
    }
}
