//! TLS octet by octet, with a peer that is rustls' own buffered client on a blocking socket.

use std::io::{self, Read, Write};
use std::net::Shutdown;
use std::os::unix::net::UnixStream as BlockingUnixStream;
use std::sync::{Arc, mpsc};
use std::thread;

use bytes::Bytes;
use proptest::prelude::{ProptestConfig, any, prop, proptest};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, ClientConnection, RootCertStore, SupportedProtocolVersion};
use tokio::net::UnixStream;
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, spawn_local, yield_now};

use crate::certificates::Certificates;
use crate::support::run;
use waterspout_net::{IoStream, SharedStream, StreamError, TlsAcceptor};

#[cfg(feature = "tls-aws-lc")]
use rustls::crypto::aws_lc_rs::default_provider;
#[cfg(not(feature = "tls-aws-lc"))]
use rustls::crypto::ring::default_provider;

/// A client of one version of TLS that writes its octets in pieces of the given sizes, over and over.
struct Client {
    session: ClientConnection,
    socket: BlockingUnixStream,
    pieces: Vec<usize>,
}

impl Client {
    fn new(
        certificates: &Certificates,
        version: &'static SupportedProtocolVersion,
        socket: BlockingUnixStream,
        pieces: Vec<usize>,
    ) -> Self {
        let mut roots = RootCertStore::empty();
        let ca = CertificateDer::from_pem_file(certificates.path("ca.pem")).unwrap();
        roots.add(ca).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let name = "localhost".try_into().unwrap();
        let session = ClientConnection::new(Arc::new(config), name).unwrap();
        Self {
            session,
            socket,
            pieces,
        }
    }

    /// Takes what the session wants to send.
    fn encrypted(&mut self) -> Vec<u8> {
        let mut octets = Vec::new();
        while self.session.wants_write() {
            self.session.write_tls(&mut octets).unwrap();
        }
        octets
    }

    fn send(&mut self) -> io::Result<()> {
        let octets = self.encrypted();
        let mut rest = &octets[..];
        for piece in self.pieces.iter().copied().cycle() {
            if rest.is_empty() {
                break;
            }
            let (now, later) = rest.split_at(piece.min(rest.len()));
            self.socket.write_all(now)?;
            rest = later;
        }
        Ok(())
    }

    fn shake(&mut self) -> io::Result<()> {
        while self.session.is_handshaking() {
            self.send()?;
            if self.session.is_handshaking() {
                self.receive()?;
            }
        }
        self.send()
    }

    fn receive(&mut self) -> io::Result<usize> {
        let count = self.session.read_tls(&mut self.socket)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.session
            .process_new_packets()
            .map_err(io::Error::other)?;
        Ok(count)
    }

    fn say(&mut self, plain: &[u8]) -> io::Result<()> {
        for part in plain.chunks(10_000) {
            self.session.writer().write_all(part)?;
            self.send()?;
        }
        Ok(())
    }

    /// Reads so many octets of plain text.
    fn hear(&mut self, count: usize) -> Vec<u8> {
        let mut plain = vec![0; count];
        let mut heard = 0;
        while heard < count {
            match self.session.reader().read(&mut plain[heard..]) {
                Ok(more) => heard += more,
                Err(_would_block) => _ = self.receive().unwrap(),
            }
        }
        plain
    }

    /// Reads plain text up to the server's farewell; a cut is an error.
    fn hear_all(&mut self) -> io::Result<Vec<u8>> {
        let mut plain = Vec::new();
        loop {
            match self.session.reader().read_to_end(&mut plain) {
                Ok(_) => return Ok(plain),
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
            self.receive()?;
        }
    }
}

/// Runs a client on a thread and the server's side here; returns what both return.
fn converse<C: Send + 'static, S>(
    version: &'static SupportedProtocolVersion,
    pieces: &[usize],
    client: impl FnOnce(Client) -> C + Send + 'static,
    server: impl AsyncFnOnce(TlsAcceptor, IoStream) -> S,
) -> (C, S) {
    let certificates = Certificates::new();
    let acceptor = certificates.acceptor();
    let (one, other) = BlockingUnixStream::pair().unwrap();
    let peer = Client::new(&certificates, version, one, pieces.to_vec());
    let client = thread::spawn(move || client(peer));
    let served = run(async {
        other.set_nonblocking(true).unwrap();
        let stream = IoStream::from_unix(UnixStream::from_std(other).unwrap());
        server(acceptor, stream).await
    });
    (client.join().unwrap(), served)
}

/// What the error underneath says.
fn real(error: StreamError) -> String {
    io::Error::from(error).to_string()
}

async fn echo_all(acceptor: TlsAcceptor, stream: IoStream) -> Result<(), StreamError> {
    let mut stream = acceptor.accept(stream).await.unwrap();
    let all = stream.read_until_close().await?;
    stream.write(&all).await?;
    stream.close().await;
    Ok(())
}

fn half_close_and_hear(mut client: Client, plain: &[u8]) -> io::Result<Vec<u8>> {
    client.shake()?;
    client.say(plain)?;
    client.session.send_close_notify();
    client.send()?;
    client.socket.shutdown(Shutdown::Write)?;
    client.hear_all()
}

#[test]
fn a_client_that_has_said_farewell_still_hears_the_answer_in_both_versions() {
    for version in [&TLS12, &TLS13] {
        let client = |client| half_close_and_hear(client, b"all I have to say");
        let (heard, served) = converse(version, &[5000], client, echo_all);
        assert_eq!(heard.unwrap(), b"all I have to say");
        served.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_conversation_is_the_same_wherever_its_octets_are_split(
        pieces in prop::collection::vec(1..3000_usize, 1..8),
        plain in prop::collection::vec(any::<u8>(), 0..40_000),
        old in any::<bool>(),
    ) {
        let version = if old { &TLS12 } else { &TLS13 };
        let said = plain.clone();
        let client = move |client| half_close_and_hear(client, &said);
        let (heard, served) = converse(version, &pieces, client, echo_all);
        assert!(heard.unwrap() == plain);
        served.unwrap();
    }
}

#[test]
fn a_conversation_whose_octets_come_one_by_one_is_understood() {
    let client = |client| half_close_and_hear(client, b"one by one");
    let (heard, served) = converse(&TLS13, &[1], client, echo_all);
    assert_eq!(heard.unwrap(), b"one by one");
    served.unwrap();
}

#[test]
fn a_connection_cut_within_a_record_is_an_error_after_what_came_before() {
    for keep in [0, 1, 5, 20] {
        let client = move |mut client: Client| {
            client.shake().unwrap();
            client.say(b"complete").unwrap();
            client
                .session
                .writer()
                .write_all(b"cut in the middle")
                .unwrap();
            let octets = client.encrypted();
            client.socket.write_all(&octets[..keep]).unwrap();
            client.socket.shutdown(Shutdown::Write).unwrap();
            // Unread octets would turn the end into a reset.
            _ = client.socket.read_to_end(&mut Vec::new());
        };
        let server = async |acceptor: TlsAcceptor, stream| {
            let mut stream = acceptor.accept(stream).await.unwrap();
            assert_eq!(stream.read_bytes(8).await.unwrap(), "complete");
            stream.read_bytes(1).await.unwrap_err()
        };
        let ((), error) = converse(&TLS13, &[5000], client, server);
        assert!(error.is_closed());
        assert!(real(error).contains("close_notify"));
    }
}

#[test]
fn octets_that_were_changed_on_the_way_are_refused_and_the_peer_is_told() {
    let client = |mut client: Client| {
        client.shake().unwrap();
        let mut greeted = [0; 2];
        while client.session.reader().read(&mut greeted).is_err() {
            client.receive().unwrap();
        }
        client.session.writer().write_all(b"tampered").unwrap();
        let mut octets = client.encrypted();
        *octets.last_mut().unwrap() ^= 1;
        client.socket.write_all(&octets).unwrap();
        client.hear_all().unwrap_err().to_string()
    };
    let server = async |acceptor: TlsAcceptor, stream| {
        let mut stream = acceptor.accept(stream).await.unwrap();
        stream.write(b"hi").await.unwrap();
        let first = stream.read_bytes(1).await.unwrap_err();
        let again = stream.read_bytes(1).await.unwrap_err();
        let written = stream.write(b"x").await.unwrap_err();
        (first, again, written)
    };
    let (heard, (first, again, written)) = converse(&TLS13, &[5000], client, server);
    assert!(heard.contains("BadRecordMac"), "{heard}");
    for error in [first, again, written] {
        assert!(error.is_closed());
        assert!(real(error).contains("cannot decrypt peer's message"));
    }
}

#[test]
fn what_is_dropped_before_it_was_sent_makes_the_end_look_like_a_cut() {
    let client = |mut client: Client| {
        client.shake().unwrap();
        client.hear_all().unwrap_err().kind()
    };
    let server = async |acceptor: TlsAcceptor, stream| {
        let mut stream = acceptor.accept(stream).await.unwrap();
        stream.enqueue(b"never sent");
        stream.close_with(io::Error::other("changed my mind"));
    };
    let (heard, ()) = converse(&TLS13, &[5000], client, server);
    assert_eq!(heard, io::ErrorKind::UnexpectedEof);
}

#[test]
fn more_than_the_socket_takes_arrives_when_the_peer_reads_late() {
    let (sender, receiver) = std::sync::mpsc::channel();
    let client = move |mut client: Client| {
        client.shake().unwrap();
        receiver.recv().unwrap();
        client.hear_all().unwrap()
    };
    let server = async |acceptor: TlsAcceptor, stream| {
        let mut stream = acceptor.accept(stream).await.unwrap();
        for _ in 0..40 {
            stream.enqueue(&[7; 30_000]);
        }
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(stream.poll_flush(&mut cx, &mut 0).is_pending());
        sender.send(()).unwrap();
        stream.flush().await.unwrap();
        stream.close().await;
    };
    let (heard, ()) = converse(&TLS13, &[5000], client, server);
    assert!(heard == vec![7; 1_200_000]);
}

/// A stream over which one task waits to write and another to read.
async fn busy(acceptor: TlsAcceptor, stream: IoStream) -> (Waiting<()>, Waiting<Bytes>) {
    let stream = SharedStream::new(acceptor.accept(stream).await.unwrap());
    let (reader, writer) = (stream.clone(), stream);
    let write = spawn_local(async move { writer.write(&vec![7; MUCH]).await });
    let read = spawn_local(async move { reader.read_bytes(4).await });
    yield_now().await;
    (write, read)
}

type Waiting<T> = JoinHandle<Result<T, StreamError>>;

/// More than a socket takes.
const MUCH: usize = 4 << 20;

#[test]
fn a_reader_that_has_a_part_of_a_record_leaves_the_writer_its_wakeup() {
    let (begin, begun) = mpsc::channel();
    let (sent, part) = oneshot::channel();
    let (go, gone) = mpsc::channel();
    let client = move |mut client: Client| {
        client.shake().unwrap();
        begun.recv().unwrap();
        client.session.writer().write_all(b"late").unwrap();
        let octets = client.encrypted();
        client.socket.write_all(&octets[..10]).unwrap();
        sent.send(()).unwrap();
        gone.recv().unwrap();
        let heard = client.hear(MUCH);
        client.socket.write_all(&octets[10..]).unwrap();
        (client, heard)
    };
    let server = async |acceptor: TlsAcceptor, stream| {
        let (write, read) = busy(acceptor, stream).await;
        begin.send(()).unwrap();
        part.await.unwrap();
        for _ in 0..100 {
            yield_now().await;
        }
        go.send(()).unwrap();
        write.await.unwrap().unwrap();
        read.await.unwrap().unwrap()
    };
    let ((_client, heard), read) = converse(&TLS13, &[5000], client, server);
    assert!(heard == vec![7; MUCH]);
    assert_eq!(read, "late");
}

#[test]
fn a_reader_that_is_lied_to_ends_the_write_of_another_task() {
    let (begin, begun) = mpsc::channel();
    let client = move |mut client: Client| {
        client.shake().unwrap();
        begun.recv().unwrap();
        client.session.writer().write_all(b"tampered").unwrap();
        let mut octets = client.encrypted();
        *octets.last_mut().unwrap() ^= 1;
        client.socket.write_all(&octets).unwrap();
        client
    };
    let server = async |acceptor: TlsAcceptor, stream| {
        let (write, read) = busy(acceptor, stream).await;
        begin.send(()).unwrap();
        let read = read.await.unwrap().unwrap_err();
        (read, write.await.unwrap().unwrap_err())
    };
    let (_client, (read, write)) = converse(&TLS13, &[5000], client, server);
    assert!(real(read).contains("cannot decrypt peer's message"));
    assert!(real(write).contains("cannot decrypt peer's message"));
}
