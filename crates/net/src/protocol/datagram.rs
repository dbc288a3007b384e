//! Protocols over datagrams.

use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use super::DatagramTransport;
use super::datagram_transport::{Phase, Shared};
use super::water::{Flow, HIGH_WATER, LOW_WATER, Water};
use crate::{IoLoop, UdpEndpoint};

/// A UDP endpoint in callback form: asyncio's `DatagramProtocol`.
///
/// # Examples
///
/// ```
/// use std::net::SocketAddr;
/// use waterspout_net::{
///     DatagramProtocol, DatagramTransport, IoLoop, UdpEndpoint, spawn_datagram_protocol,
/// };
///
/// #[derive(Default)]
/// struct Echo(Option<DatagramTransport>);
///
/// impl DatagramProtocol for Echo {
///     fn connection_made(&mut self, transport: &DatagramTransport) {
///         self.0 = Some(transport.clone());
///     }
///
///     fn datagram_received(&mut self, datagram: &[u8], from: SocketAddr) {
///         if let Some(transport) = &self.0 {
///             transport.send_to(datagram, Some(from));
///         }
///     }
/// }
///
/// IoLoop::new()?.run_sync(async {
///     let endpoint = UdpEndpoint::bind("127.0.0.1:0".parse().unwrap())?;
///     let transport = spawn_datagram_protocol(endpoint, Echo::default())?;
///     let client = UdpEndpoint::connect(transport.local_addr())?;
///     client.send(b"ping").await?;
///     assert_eq!(client.recv().await?, "ping");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait DatagramProtocol {
    /// The endpoint is there. Called once, first.
    fn connection_made(&mut self, transport: &DatagramTransport) {
        _ = transport;
    }

    /// A datagram came.
    fn datagram_received(&mut self, datagram: &[u8], from: SocketAddr);

    /// More than 64 KiB wait to be sent: send no more until [`resume_writing`](Self::resume_writing).
    fn pause_writing(&mut self) {}

    /// No more than 16 KiB wait any longer.
    fn resume_writing(&mut self) {}

    /// Sending or receiving a datagram failed; the endpoint goes on.
    fn error_received(&mut self, error: &io::Error) {
        _ = error;
    }

    /// The endpoint is closed. Called once, last, also if the loop ends.
    fn connection_lost(&mut self) {}
}

/// Calls the methods of `protocol` as datagrams come, until the transport is closed, and gives the
/// protocol back.
///
/// # Errors
///
/// The error of the system if the endpoint has no address; none is known.
///
/// # Cancel safety
///
/// Not cancel safe: dropped, it closes the endpoint and calls `connection_lost`.
pub async fn run_datagram_protocol<P: DatagramProtocol>(
    endpoint: UdpEndpoint,
    protocol: P,
) -> io::Result<P> {
    let transport = DatagramTransport::new(endpoint.local_addr()?);
    Ok(drive(endpoint, protocol, transport).await)
}

/// Runs `protocol` on `endpoint` as a task of the running loop and returns its transport.
///
/// # Errors
///
/// As [`run_datagram_protocol`].
///
/// # Panics
///
/// Panics if no loop runs on this thread.
pub fn spawn_datagram_protocol<P: DatagramProtocol + 'static>(
    endpoint: UdpEndpoint,
    protocol: P,
) -> io::Result<DatagramTransport> {
    let transport = DatagramTransport::new(endpoint.local_addr()?);
    let driven = drive(endpoint, protocol, transport.clone());
    IoLoop::current().spawn_callback(async move {
        driven.await;
    });
    Ok(transport)
}

async fn drive<P: DatagramProtocol>(
    endpoint: UdpEndpoint,
    protocol: P,
    transport: DatagramTransport,
) -> P {
    let mut driver = Driver {
        endpoint,
        protocol: Some(protocol),
        transport,
        made: false,
        water: Water::default(),
        readable: None,
    };
    poll_fn(|cx| driver.poll(cx)).await;
    driver.lost();
    driver
        .protocol
        .take()
        .expect("no method of it runs, and none has panicked")
}

struct Driver<P: DatagramProtocol> {
    endpoint: UdpEndpoint,
    /// Gone while one of its methods runs: one that panics leaves none to be called again.
    protocol: Option<P>,
    transport: DatagramTransport,
    made: bool,
    water: Water,
    readable: Option<Readable>,
}

type Readable = Pin<Box<dyn Future<Output = io::Result<()>>>>;

/// Datagrams after which other tasks have their turn.
const AT_A_TIME: usize = 64;

impl<P: DatagramProtocol> Driver<P> {
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if !self.made {
            self.made = true;
            let transport = self.transport.clone();
            self.call(|protocol| protocol.connection_made(&transport));
        }
        for _ in 0..AT_A_TIME {
            self.shared().wakeup.begin();
            let sent = self.poll_send(cx);
            match self.shared().phase.get() {
                Phase::Aborted => return Poll::Ready(()),
                Phase::Closing if sent.is_ready() => return Poll::Ready(()),
                _ => {}
            }
            self.report_water();
            if self.poll_receive(cx).is_pending() && !self.shared().wakeup.must_look_again(cx) {
                return Poll::Pending;
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }

    /// Ready when nothing waits to be sent.
    fn poll_send(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        loop {
            let Some((datagram, remote)) = self.shared().outgoing.borrow_mut().pop_front() else {
                return Poll::Ready(());
            };
            match self.endpoint.poll_send(cx, &datagram, remote) {
                Poll::Pending => {
                    let mut outgoing = self.shared().outgoing.borrow_mut();
                    outgoing.push_front((datagram, remote));
                    return Poll::Pending;
                }
                Poll::Ready(sent) => {
                    let left = self.shared().queued.get() - datagram.len();
                    self.shared().queued.set(left);
                    if let Err(error) = sent {
                        self.call(|protocol| protocol.error_received(&error));
                    }
                }
            }
        }
    }

    fn poll_receive(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        if self.transport.is_closing() {
            return Poll::Pending;
        }
        let Some(mut protocol) = self.protocol.take() else {
            return Poll::Pending;
        };
        let receive = |data: &[u8], from| protocol.datagram_received(data, from);
        let received = self.endpoint.try_recv_with(receive);
        self.protocol = Some(protocol);
        match received {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                return self.poll_readable(cx);
            }
            Err(error) => self.call(|protocol| protocol.error_received(&error)),
        }
        Poll::Ready(())
    }

    fn poll_readable(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let readable = self
            .readable
            .get_or_insert_with(|| Box::pin(self.endpoint.readable()));
        let outcome = ready!(readable.as_mut().poll(cx));
        self.readable = None;
        if let Err(error) = outcome {
            self.call(|protocol| protocol.error_received(&error));
            self.transport.abort();
        }
        Poll::Ready(())
    }

    fn report_water(&mut self) {
        let waiting = self.transport.write_buffer_size();
        match self.water.look(waiting, LOW_WATER, HIGH_WATER) {
            Some(Flow::Pause) => self.call(P::pause_writing),
            Some(Flow::Resume) => self.call(P::resume_writing),
            None => {}
        }
    }

    fn lost(&mut self) {
        if self.shared().phase.replace(Phase::Lost) != Phase::Lost && self.made {
            self.call(P::connection_lost);
        }
    }

    fn call(&mut self, method: impl FnOnce(&mut P)) {
        if let Some(mut protocol) = self.protocol.take() {
            method(&mut protocol);
            self.protocol = Some(protocol);
        }
    }

    fn shared(&self) -> &Shared {
        &self.transport.shared
    }
}

impl<P: DatagramProtocol> Drop for Driver<P> {
    fn drop(&mut self) {
        self.lost();
    }
}
