//! The limit: epoll, one `recv`, one `send` of the same octets. It has one buffer, and closes a
//! connection whose socket does not take all at once.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::os::fd::{AsRawFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::io::Errno;

const LISTENER: u64 = u64::MAX;
const AT_ONCE: usize = 64 * 1024;

struct Server {
    poll: OwnedFd,
    listener: TcpListener,
    /// Connections by file descriptor.
    connections: Vec<Option<TcpStream>>,
    buffer: Vec<u8>,
}

impl Server {
    fn new(listener: TcpListener) -> io::Result<Self> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let data = epoll::EventData::new_u64(LISTENER);
        epoll::add(&poll, &listener, data, epoll::EventFlags::IN)?;
        Ok(Self {
            poll,
            listener,
            connections: Vec::new(),
            buffer: vec![0; AT_ONCE],
        })
    }

    fn run(&mut self) -> io::Result<()> {
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
                    fd => self.echo(usize::try_from(fd).expect("a descriptor fits")),
                }
            }
        }
    }

    fn accept(&mut self) -> io::Result<()> {
        loop {
            let stream = match self.listener.accept() {
                Ok((stream, _)) => stream,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            };
            stream.set_nonblocking(true)?;
            stream.set_nodelay(true)?;
            let fd = usize::try_from(stream.as_raw_fd()).expect("an open descriptor");
            let data = epoll::EventData::new_u64(fd as u64);
            epoll::add(&self.poll, &stream, data, epoll::EventFlags::IN)?;
            if self.connections.len() <= fd {
                self.connections.resize_with(fd + 1, || None);
            }
            self.connections[fd] = Some(stream);
        }
    }

    fn echo(&mut self, fd: usize) {
        let Some(stream) = &mut self.connections[fd] else {
            return;
        };
        let received = stream.read(&mut self.buffer).unwrap_or(0);
        let sent = received > 0
            && stream
                .write(&self.buffer[..received])
                .is_ok_and(|count| count == received);
        if !sent {
            self.connections[fd] = None;
        }
    }
}

fn main() -> io::Result<()> {
    let flags = peer_contract::Flags::from_args();
    flags.refuse_rest();
    let listener = peer_contract::bind(flags.port);
    peer_contract::announce(listener.local_addr()?);
    Server::new(listener)?.run()
}
