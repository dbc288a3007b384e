//! A client that misbehaves on purpose.

use std::future::Future;
use std::net::Ipv4Addr;

use tokio::time::timeout;
use waterspout_net::IoStream;

use super::{TIMEOUT, TestServer};

/// Octets that are read at the most, so that a mistake does not fill the memory.
const MAX_ANSWER: usize = 64 << 20;

/// A connection to a server under test on which octets go in and out as they are: for requests in pieces,
/// answers that are read slowly, and ends that come too early.
///
/// # Examples
///
/// ```
/// use waterspout::net::IoLoop;
/// use waterspout::testing::serve;
/// use waterspout::{Application, Context};
///
/// let app = Application::new(()).post("/", async |cx: &mut Context| cx.body().len().to_string());
/// IoLoop::new()?.run_sync(async {
///     let server = serve(app);
///     let mut peer = server.connect().await;
///     peer.send("POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 4\r\n\r\nab").await;
///     peer.drip("cd").await; // a segment for each octet
///     peer.half_close().await; // nothing more to ask, but the answer is waited for
///     let answer = peer.read_to_end().await;
///     assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("\r\n\r\n4"), "{answer}");
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Debug)]
pub struct TestPeer {
    stream: IoStream,
}

impl TestServer {
    /// Opens a connection on which octets go in and out as they are.
    ///
    /// # Panics
    ///
    /// Panics if the server does not accept.
    pub async fn connect(&self) -> TestPeer {
        let address = (Ipv4Addr::LOCALHOST, self.port()).into();
        match in_time("a connection", IoStream::connect_tcp(address)).await {
            Ok(stream) => TestPeer { stream },
            Err(error) => panic!("the server does not accept: {error}"),
        }
    }
}

impl TestPeer {
    /// Sends octets as they are.
    ///
    /// # Panics
    ///
    /// Panics if the server has closed the connection, or does not read for 5 seconds.
    pub async fn send(&mut self, octets: impl AsRef<[u8]>) {
        let written = in_time("room for what is sent", self.stream.write(octets.as_ref())).await;
        if let Err(error) = written {
            panic!("cannot send: {error}");
        }
    }

    /// Sends octets one by one, each in a segment of its own: parsers see every split.
    ///
    /// # Panics
    ///
    /// As [`send`](Self::send).
    pub async fn drip(&mut self, octets: impl AsRef<[u8]>) {
        for octet in octets.as_ref() {
            self.send([*octet]).await;
            tokio::task::yield_now().await;
        }
    }

    /// Reads so many octets and leaves the rest where it is: a reader who does not go on stalls the server.
    ///
    /// # Panics
    ///
    /// Panics if they do not come.
    pub async fn read(&mut self, count: usize) -> Vec<u8> {
        match in_time("what is read", self.stream.read_bytes(count)).await {
            Ok(octets) => octets.to_vec(),
            Err(error) => panic!("no {count} octets came: {error}"),
        }
    }

    /// Reads the head of an answer, up to its empty line.
    ///
    /// # Panics
    ///
    /// Panics if none comes.
    pub async fn read_head(&mut self) -> String {
        match in_time("a head", self.stream.read_until(b"\r\n\r\n", MAX_ANSWER)).await {
            Ok(head) => String::from_utf8_lossy(&head).into_owned(),
            Err(error) => panic!("no head came: {error}"),
        }
    }

    /// Reads until the server closes. A reset counts as the end: what came before is returned.
    ///
    /// # Panics
    ///
    /// Panics if it stays open.
    pub async fn read_to_end(&mut self) -> String {
        let mut all = Vec::new();
        loop {
            match in_time("the end", self.stream.read_partial(MAX_ANSWER)).await {
                Ok(octets) => all.extend_from_slice(&octets),
                Err(_) => return String::from_utf8_lossy(&all).into_owned(),
            }
        }
    }

    /// Says that nothing more will be sent, and goes on reading.
    ///
    /// # Panics
    ///
    /// Panics if the connection is closed.
    pub async fn half_close(&mut self) {
        if let Err(error) = self.stream.shutdown().await {
            panic!("cannot close this half: {error}");
        }
    }

    /// Ends the connection with a reset, as a client does that crashes.
    ///
    /// # Panics
    ///
    /// Panics if the system refuses.
    pub fn reset(self) {
        if let Err(error) = self.stream.reset_on_close() {
            panic!("cannot reset: {error}");
        }
    }
}

async fn in_time<F: Future>(what: &str, future: F) -> F::Output {
    match timeout(TIMEOUT, future).await {
        Ok(output) => output,
        Err(_) => panic!("{what} did not come in {} s", TIMEOUT.as_secs()),
    }
}
