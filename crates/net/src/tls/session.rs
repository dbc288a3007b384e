//! A TLS session between octets of both kinds. It reads and writes nothing by itself.

use std::fmt;
use std::rc::Rc;
use std::sync::Arc;

use rustls::client::UnbufferedClientConnection;
use rustls::pki_types::ServerName;
use rustls::server::UnbufferedServerConnection;
use rustls::unbuffered::{
    ConnectionState, EncodeError, EncryptError, InsufficientSizeError, UnbufferedStatus,
};
use rustls::{ClientConfig, CommonState, Error, ServerConfig};
use tokio::io::ReadBuf;

use super::certificates;
use crate::LoopState;
use crate::io_stream::Input;
use crate::pool::{BUFFER_SIZE, BufferPool};

/// What a record adds to its plain text, generously: head, nonce, tag and type.
const RECORD_EXTRA: usize = 64;

/// Plain text in a record at the most (RFC 8446 §5.1).
const RECORD_MAX: usize = 16 * 1024;

/// One side of a session, with the octets that wait on it.
///
/// rustls' buffered interface keeps 4 KiB for what it will read next, and more, for as long as the
/// connection lives. Here every buffer is one of the loop's, and only there while octets are in it.
pub(super) struct Session {
    side: Side,
    /// Encrypted octets that are not used up: a part of a record or of a handshake message. They
    /// must stay where they are as long as rustls has not discarded them.
    pub(super) incoming: Input,
    /// Decrypted octets that nobody has taken yet, and how many of them were taken.
    spill: (Vec<u8>, usize),
    /// Encrypted octets that wait for the socket, and how many of them were written.
    pub(super) outgoing: (Vec<u8>, usize),
    pub(super) peer: Peer,
    said_goodbye: bool,
    server_name: Option<Box<str>>,
    pub(super) state: Rc<LoopState>,
}

enum Side {
    Server(UnbufferedServerConnection),
    Client(UnbufferedClientConnection),
}

/// What the peer may still say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Peer {
    Speaks,
    /// It has said farewell.
    Done,
    /// It broke the rules; nothing it says counts any more.
    Failed,
}

/// What to do when the session may speak.
#[derive(Clone, Copy)]
enum Intent<'a> {
    Listen,
    Encrypt(&'a [u8]),
    Farewell,
}

/// How far the session has come with the octets it has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing happens before more octets come.
    Starved,
    /// A record was decrypted.
    Decrypted,
    /// What was intended is done.
    Encrypted,
    /// The peer has said farewell.
    Farewell,
}

impl Session {
    pub(super) fn server(config: &Arc<ServerConfig>, incoming: Input) -> Result<Self, Error> {
        let connection = UnbufferedServerConnection::new(Arc::clone(config))?;
        Ok(Self::new(Side::Server(connection), incoming))
    }

    pub(super) fn client(
        config: &Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> Result<Self, Error> {
        let connection = UnbufferedClientConnection::new(Arc::clone(config), name)?;
        Ok(Self::new(Side::Client(connection), Input::default()))
    }

    fn new(side: Side, incoming: Input) -> Self {
        Self {
            side,
            incoming,
            spill: (Vec::new(), 0),
            outgoing: (Vec::new(), 0),
            peer: Peer::Speaks,
            said_goodbye: false,
            server_name: None,
            state: LoopState::current(),
        }
    }

    pub(super) fn common(&self) -> &CommonState {
        match &self.side {
            Side::Server(connection) => connection,
            Side::Client(connection) => connection,
        }
    }

    pub(super) fn server_name(&self) -> Option<&str> {
        self.server_name.as_deref()
    }

    /// Moves what was decrypted earlier; tells whether there was anything.
    pub(super) fn take_spill(&mut self, into: &mut ReadBuf<'_>) -> bool {
        let (spill, taken) = &mut self.spill;
        if spill.is_empty() {
            return false;
        }
        let count = into.remaining().min(spill.len() - *taken);
        into.put_slice(&spill[*taken..*taken + count]);
        *taken += count;
        if *taken == spill.len() {
            self.spill = (Vec::new(), 0);
        }
        true
    }

    /// Works on what has come, up to the next decrypted record. Plain text goes to `into` as far as
    /// that has room.
    pub(super) fn listen(&mut self, into: Option<&mut ReadBuf<'_>>) -> Result<Step, Error> {
        if !self.common().is_handshaking() {
            return self.work(into, Intent::Listen);
        }
        let step = self.work(into, Intent::Listen);
        if let Some(name) = certificates::take_asked_for() {
            self.server_name = Some(name);
        }
        step
    }

    /// Encrypts `bytes` into what waits for the socket.
    pub(super) fn encrypt(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.speak(Intent::Encrypt(bytes))
    }

    /// Queues the farewell (`close_notify`), once.
    pub(super) fn say_goodbye(&mut self) -> Result<(), Error> {
        if self.said_goodbye {
            return Ok(());
        }
        self.said_goodbye = true;
        self.work_until_spoken(Intent::Farewell)
    }

    fn speak(&mut self, intent: Intent<'_>) -> Result<(), Error> {
        if self.said_goodbye {
            return Err(Error::General("farewell was said already".to_owned()));
        }
        self.work_until_spoken(intent)
    }

    /// What has come must be worked on before the session speaks; it is kept for the reader. That is
    /// not more than a buffer, since nothing is read meanwhile.
    fn work_until_spoken(&mut self, intent: Intent<'_>) -> Result<(), Error> {
        if self.peer == Peer::Failed {
            return Err(Error::General("the session has failed".to_owned()));
        }
        loop {
            match self.work(None, intent)? {
                Step::Encrypted => return Ok(()),
                Step::Decrypted | Step::Farewell => {}
                Step::Starved => return Err(Error::HandshakeNotComplete),
            }
        }
    }

    fn work(
        &mut self,
        mut into: Option<&mut ReadBuf<'_>>,
        intent: Intent<'_>,
    ) -> Result<Step, Error> {
        loop {
            match self.work_once(into.as_deref_mut(), intent)? {
                None => {}
                Some(Step::Farewell) => {
                    self.peer = Peer::Done;
                    // RFC 8446 §6.1: what comes after the farewell is ignored.
                    self.incoming.consume(self.incoming.len());
                    return Ok(Step::Farewell);
                }
                Some(step) => return Ok(step),
            }
        }
    }

    /// Does the next thing that rustls asks for; `None` if there is more to do.
    fn work_once(
        &mut self,
        into: Option<&mut ReadBuf<'_>>,
        intent: Intent<'_>,
    ) -> Result<Option<Step>, Error> {
        let mut ends = Ends {
            into,
            spill: &mut self.spill.0,
            outgoing: &mut self.outgoing.0,
            pool: self.state.buffers(),
        };
        let bytes = self.incoming.buffered_mut();
        let (discard, step) = match &mut self.side {
            Side::Server(connection) => ends.take(connection.process_tls_records(bytes), intent),
            Side::Client(connection) => ends.take(connection.process_tls_records(bytes), intent),
        };
        self.incoming.consume(discard);
        step
    }

    /// Gives up on the peer; the alert that tells it why waits for the socket then.
    pub(super) fn fail(&mut self) {
        self.peer = Peer::Failed;
        // While something is queued, that is what comes next, and no octet is looked at.
        while self.common().wants_write() {
            if self.work_once(None, Intent::Listen).is_err() {
                return;
            }
        }
    }
}

/// Where octets go to.
struct Ends<'a, 'b, 'c> {
    into: Option<&'a mut ReadBuf<'b>>,
    spill: &'c mut Vec<u8>,
    outgoing: &'c mut Vec<u8>,
    pool: &'c BufferPool,
}

impl Ends<'_, '_, '_> {
    /// Does what rustls asks for. Returns how many encrypted octets are used up, and how far that
    /// leads; `None` if there is more to do.
    fn take<Data>(
        &mut self,
        status: UnbufferedStatus<'_, '_, Data>,
        intent: Intent<'_>,
    ) -> (usize, Result<Option<Step>, Error>) {
        let mut discard = status.discard;
        let state = match status.state {
            Ok(state) => state,
            Err(error) => return (discard, Err(error)),
        };
        let step = match state {
            ConnectionState::ReadTraffic(mut traffic) => loop {
                match traffic.next_record() {
                    Some(Ok(record)) => {
                        discard += record.discard;
                        self.decrypted(record.payload);
                    }
                    Some(Err(error)) => break Err(error),
                    None => break Ok(Some(Step::Decrypted)),
                }
            },
            ConnectionState::EncodeTlsData(mut data) => self
                .append(RECORD_EXTRA, |room| data.encode(room).map_err(Full::from))
                .map(|()| None),
            // It goes out behind what is there, in order.
            ConnectionState::TransmitTlsData(data) => {
                data.done();
                Ok(None)
            }
            ConnectionState::WriteTraffic(mut traffic) => match intent {
                Intent::Listen => Ok(Some(Step::Starved)),
                Intent::Encrypt(bytes) => {
                    let records = bytes.len() / RECORD_MAX + 1;
                    self.append(bytes.len() + records * RECORD_EXTRA, |room| {
                        traffic.encrypt(bytes, room).map_err(Full::from)
                    })
                    .map(|()| Some(Step::Encrypted))
                }
                Intent::Farewell => self
                    .append(RECORD_EXTRA, |room| {
                        traffic.queue_close_notify(room).map_err(Full::from)
                    })
                    .map(|()| Some(Step::Encrypted)),
            },
            ConnectionState::BlockedHandshake => Ok(Some(Step::Starved)),
            ConnectionState::PeerClosed | ConnectionState::Closed => Ok(Some(Step::Farewell)),
            // Data before the end of the handshake is never asked for.
            _ => Err(Error::General("a state that was not asked for".to_owned())),
        };
        (discard, step)
    }

    fn decrypted(&mut self, plain: &[u8]) {
        let mut rest = plain;
        if let Some(into) = &mut self.into
            && self.spill.is_empty()
        {
            let (now, later) = rest.split_at(rest.len().min(into.remaining()));
            into.put_slice(now);
            rest = later;
        }
        self.spill.extend_from_slice(rest);
    }

    /// Appends what `fill` makes, for which `guess` octets of room are probably enough.
    fn append(
        &mut self,
        guess: usize,
        mut fill: impl FnMut(&mut [u8]) -> Result<usize, Full>,
    ) -> Result<(), Error> {
        if self.outgoing.capacity() == 0 && guess <= BUFFER_SIZE {
            *self.outgoing = self.pool.take_output();
        }
        let start = self.outgoing.len();
        let mut room = guess;
        loop {
            self.outgoing.resize(start + room, 0);
            match fill(&mut self.outgoing[start..]) {
                Ok(count) => {
                    self.outgoing.truncate(start + count);
                    return Ok(());
                }
                Err(Full::Needs(more)) if more > room => room = more,
                Err(_) => {
                    self.outgoing.truncate(start);
                    return Err(Error::EncryptError);
                }
            }
        }
    }
}

/// Why nothing was appended.
enum Full {
    /// This much room is needed.
    Needs(usize),
    /// The keys have encrypted all they may.
    Exhausted,
}

impl From<EncodeError> for Full {
    fn from(error: EncodeError) -> Self {
        match error {
            EncodeError::InsufficientSize(InsufficientSizeError { required_size }) => {
                Self::Needs(required_size)
            }
            EncodeError::AlreadyEncoded => Self::Exhausted,
        }
    }
}

impl From<EncryptError> for Full {
    fn from(error: EncryptError) -> Self {
        match error {
            EncryptError::InsufficientSize(InsufficientSizeError { required_size }) => {
                Self::Needs(required_size)
            }
            EncryptError::EncryptExhausted => Self::Exhausted,
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let pool = self.state.buffers();
        self.incoming.consume(self.incoming.len());
        self.incoming.release(pool);
        pool.give_output(std::mem::take(&mut self.outgoing.0));
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session")
            .field("peer", &self.peer)
            .field("said_goodbye", &self.said_goodbye)
            .finish_non_exhaustive()
    }
}
