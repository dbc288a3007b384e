//! The loop.

use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};

use memchr::memmem;
use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::io::Errno;

use crate::reply::{MAX_BATCH, OPENED, Options};

const LISTENER: u64 = u64::MAX;
const END: &[u8] = b"\r\n\r\n";

/// All state of the program.
pub(crate) struct Server {
    poll: OwnedFd,
    listener: TcpListener,
    /// Connections by file descriptor.
    connections: Vec<Option<TcpStream>>,
    /// Start of a request end that a `recv` cut in two, by file descriptor; empty as a rule.
    cut: HashMap<usize, Vec<u8>>,
    end: memmem::Finder<'static>,
    /// Octets of a message of a client, with its head and key.
    message_len: Option<usize>,
    room: bool,
    count: bool,
    close: bool,
    replies: Vec<u8>,
    reply_len: usize,
    buffer: Vec<u8>,
}

impl Server {
    /// Registers the listener.
    pub(crate) fn new(listener: TcpListener, options: &Options) -> std::io::Result<Self> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let data = epoll::EventData::new_u64(LISTENER);
        epoll::add(&poll, &listener, data, epoll::EventFlags::IN)?;
        let reply = options.reply();
        Ok(Self {
            poll,
            listener,
            connections: Vec::new(),
            cut: HashMap::new(),
            end: memmem::Finder::new(END),
            message_len: options.echo.map(|octets| octets + 6),
            room: options.room,
            count: options.count,
            close: options.close,
            reply_len: reply.len(),
            replies: reply.repeat(MAX_BATCH),
            buffer: vec![0; 16 * 1024],
        })
    }

    /// Serves until the process ends.
    pub(crate) fn run(&mut self) -> std::io::Result<()> {
        let mut events = Vec::with_capacity(1024);
        loop {
            events.clear();
            match epoll::wait(&self.poll, spare_capacity(&mut events), None) {
                // A tracer that attaches interrupts the call.
                Ok(_) | Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
            for event in &events {
                match event.data.u64() {
                    LISTENER => self.accept()?,
                    fd => self.answer(usize::try_from(fd).expect("a descriptor fits")),
                }
            }
        }
    }

    fn accept(&mut self) -> std::io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nonblocking(true)?;
            let fd = usize::try_from(stream.as_raw_fd()).expect("an open descriptor");
            let data = epoll::EventData::new_u64(fd as u64);
            epoll::add(&self.poll, &stream, data, epoll::EventFlags::IN)?;
            if self.connections.len() <= fd {
                self.connections.resize_with(fd + 1, || None);
            }
            self.connections[fd] = Some(stream);
        }
    }

    /// Writes replies to every connection, and forgets those that do not take them.
    fn tell_all(&mut self, length: usize) {
        let replies = &self.replies[..length];
        for slot in &mut self.connections {
            let told = slot.as_mut().map(|stream| stream.write(replies));
            if told.is_some_and(|told| !told.is_ok_and(|n| n == length)) {
                *slot = None;
            }
        }
    }

    fn answer(&mut self, fd: usize) {
        let Some(stream) = &mut self.connections[fd] else {
            return;
        };
        let received = stream.read(&mut self.buffer).unwrap_or(0);
        if received == 0 {
            return self.forget(fd);
        }
        if self.message_len.is_some() && self.buffer.starts_with(b"GET ") {
            if !stream.write(OPENED).is_ok_and(|n| n == OPENED.len()) {
                self.forget(fd);
            }
            return;
        }
        let requests = match self.message_len {
            Some(length) => received / length,
            None if self.count => self.requests_in(fd, received),
            None => 1,
        };
        assert!(
            requests <= MAX_BATCH,
            "the batch is deeper than {MAX_BATCH}"
        );
        let length = requests * self.reply_len;
        if self.room {
            return self.tell_all(length);
        }
        let Some(stream) = &mut self.connections[fd] else {
            return;
        };
        let sent = length == 0
            || stream
                .write(&self.replies[..length])
                .is_ok_and(|n| n == length);
        if self.close || !sent {
            self.forget(fd);
        }
    }

    fn requests_in(&mut self, fd: usize, received: usize) -> usize {
        let fresh = &self.buffer[..received];
        if fresh.ends_with(END) && self.cut.is_empty() {
            return self.end.find_iter(fresh).count();
        }
        let mut whole = self.cut.remove(&fd).unwrap_or_default();
        whole.extend_from_slice(fresh);
        let rest = self
            .end
            .find_iter(&whole)
            .last()
            .map_or(0, |at| at + END.len());
        let requests = self.end.find_iter(&whole).count();
        if rest < whole.len() {
            self.cut.insert(
                fd,
                whole.split_off(rest.max(whole.len().saturating_sub(END.len() - 1))),
            );
        }
        requests
    }

    fn forget(&mut self, fd: usize) {
        self.connections[fd] = None;
        self.cut.remove(&fd);
    }
}
