//! Two ends of a stream, of each kind.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use crate::support::run;
use tokio::net::{TcpListener, TcpStream, UnixStream};
use waterspout_net::{IoStream, pipe};

/// Runs `test` over each transport with a writing and a reading end.
pub(crate) fn over_all(test: impl AsyncFn(IoStream, IoStream)) {
    over_sockets(&test);
    run(async {
        let (reader, writer) = pipe().unwrap();
        test(writer, reader).await;
    });
}

/// Runs `test` over each transport that has two directions.
pub(crate) fn over_sockets(test: impl AsyncFn(IoStream, IoStream)) {
    run(async {
        let (one, other) = tcp_pair().await;
        test(one, other).await;
    });
    run(async {
        let (one, other) = unix_pair();
        test(one, other).await;
    });
    #[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
    for client_first in [true, false] {
        run(async {
            let (client, server) = tls_pair().await;
            if client_first {
                test(client, server).await;
            } else {
                test(server, client).await;
            }
        });
    }
}

/// A client and a server that have shaken hands over TCP.
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
async fn tls_pair() -> (IoStream, IoStream) {
    let certificates = crate::certificates::Certificates::new();
    let (acceptor, connector) = (certificates.acceptor(), certificates.connector());
    let (one, other) = tcp_pair().await;
    let (client, server) =
        tokio::join!(connector.connect(one, "localhost"), acceptor.accept(other));
    (client.unwrap(), server.unwrap())
}

pub(crate) async fn tcp_pair() -> (IoStream, IoStream) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (one, accepted) = tokio::join!(TcpStream::connect(address), listener.accept());
    (
        IoStream::from_tcp(one.unwrap()),
        IoStream::from_tcp(accepted.unwrap().0),
    )
}

pub(crate) fn unix_pair() -> (IoStream, IoStream) {
    let (one, other) = UnixStream::pair().unwrap();
    (IoStream::from_unix(one), IoStream::from_unix(other))
}

/// Polls a future once and drops it.
pub(crate) async fn once<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    poll_fn(|cx| match future.as_mut().poll(cx) {
        Poll::Ready(output) => Poll::Ready(Some(output)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

/// Octets without a pattern that a mistake could keep.
pub(crate) fn octets(count: usize) -> Vec<u8> {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(count)
    .collect()
}
