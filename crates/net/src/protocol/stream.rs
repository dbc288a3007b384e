//! Protocols over streams.

use std::future::poll_fn;
use std::io;

use super::StreamTransport;
use super::driver::Driver;
use crate::{IoLoop, IoStream};

/// A connection in callback form: asyncio's and Twisted's `Protocol`.
///
/// # Examples
///
/// An echo server, and a client for it:
///
/// ```
/// use waterspout_net::{
///     BindOptions, IoLoop, IoStream, Protocol, StreamTransport, TcpServer, run_protocol,
/// };
///
/// #[derive(Default)]
/// struct Echo {
///     transport: Option<StreamTransport>,
/// }
///
/// impl Protocol for Echo {
///     fn connection_made(&mut self, transport: &StreamTransport) {
///         self.transport = Some(transport.clone());
///     }
///
///     fn data_received(&mut self, data: &[u8]) {
///         if let Some(transport) = &self.transport {
///             transport.write(data);
///         }
///     }
/// }
///
/// IoLoop::new()?.run_sync(async {
///     let server = TcpServer::new(async |stream, _peer| {
///         run_protocol(stream, Echo::default()).await;
///     })
///     .bind_options(BindOptions::default().address("127.0.0.1"));
///     server.listen(0)?;
///     let port = server.local_addrs()[0].port().unwrap();
///
///     let mut client = IoStream::connect_tcp(([127, 0, 0, 1], port).into()).await?;
///     client.write(b"hello\n").await?;
///     assert_eq!(client.read_until(b"\n", 100).await?, "hello\n");
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub trait Protocol {
    /// The connection is there. Called once, first.
    fn connection_made(&mut self, transport: &StreamTransport) {
        _ = transport;
    }

    /// Octets came: a piece of the stream, whose borders mean nothing.
    fn data_received(&mut self, data: &[u8]);

    /// The peer sends no more. Returns whether to keep the connection open for writing; the default
    /// closes it behind what waits.
    fn eof_received(&mut self) -> bool {
        false
    }

    /// More octets wait than the high-water mark: write no more until
    /// [`resume_writing`](Self::resume_writing).
    fn pause_writing(&mut self) {}

    /// The octets that wait have fallen to the low-water mark.
    fn resume_writing(&mut self) {}

    /// The connection is gone, with an error or in order. Called once, last, also if the loop ends.
    fn connection_lost(&mut self, cause: Option<&io::Error>) {
        _ = cause;
    }
}

/// Calls the methods of `protocol` as things happen on `stream`, until the connection is lost, and
/// gives the protocol back.
///
/// # Cancel safety
///
/// Not cancel safe: dropped, it closes the connection and calls `connection_lost`.
pub async fn run_protocol<P: Protocol>(stream: IoStream, protocol: P) -> P {
    let transport = StreamTransport::new(&stream);
    drive(stream, protocol, transport).await
}

/// Runs `protocol` on `stream` as a task of the running loop and returns its transport.
/// `connection_made` is called in the loop's next pass.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
pub fn spawn_protocol<P: Protocol + 'static>(stream: IoStream, protocol: P) -> StreamTransport {
    let transport = StreamTransport::new(&stream);
    let driven = drive(stream, protocol, transport.clone());
    IoLoop::current().spawn_callback(async move {
        driven.await;
    });
    transport
}

async fn drive<P: Protocol>(stream: IoStream, protocol: P, transport: StreamTransport) -> P {
    let mut driver = Driver::new(stream, protocol, transport);
    poll_fn(|cx| driver.poll(cx)).await;
    driver.into_protocol()
}
