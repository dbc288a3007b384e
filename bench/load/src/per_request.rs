//! A connection for each request, closed by the server.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::{SocketAddrV4, TcpStream};
use std::os::fd::OwnedFd;

use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::connect::{self, STALL};
use crate::limit::Limit;
use crate::options::Options;
use crate::probe::Probe;

struct Connection {
    stream: TcpStream,
    received: usize,
}

/// Slots, each of which holds one connection at a time.
pub(crate) struct Load {
    poll: OwnedFd,
    target: SocketAddrV4,
    slots: Vec<Option<Connection>>,
    request: Vec<u8>,
    response_len: usize,
    opened: u64,
}

impl Load {
    /// Prepares as many slots as connections at a time; opens none.
    pub(crate) fn new(options: &Options, probe: &Probe) -> Result<Self> {
        Ok(Self {
            poll: epoll::create(epoll::CreateFlags::CLOEXEC)?,
            target: options.target,
            slots: (0..options.connections).map(|_| None).collect(),
            request: probe.request.clone(),
            response_len: probe.length,
            opened: 0,
        })
    }

    /// Opens connections until the limit and waits for every response and its close.
    ///
    /// # Errors
    ///
    /// When a response has another length than the first, or nothing comes for a long time.
    pub(crate) fn run(&mut self, limit: &mut Limit) -> Result<u64> {
        let before = self.opened;
        for slot in 0..self.slots.len() {
            self.open(slot, limit)?;
        }
        let mut events = Vec::with_capacity(1024);
        let mut buffer = vec![0; 16 * 1024];
        while self.slots.iter().any(Option::is_some) {
            events.clear();
            let stall = STALL.try_into().map_err(Error::other)?;
            epoll::wait(&self.poll, spare_capacity(&mut events), Some(&stall))?;
            if events.is_empty() {
                return Err(Error::other("connections wait for their response or close"));
            }
            limit.look();
            for event in &events {
                let slot = usize::try_from(event.data.u64()).map_err(Error::other)?;
                if self.receive(slot, &mut buffer)? {
                    self.slots[slot] = None;
                    self.open(slot, limit)?;
                }
            }
        }
        Ok(self.opened - before)
    }

    fn open(&mut self, slot: usize, limit: &mut Limit) -> Result<()> {
        if limit.take(1) == 0 {
            return Ok(());
        }
        let mut stream = connect::blocking(self.target, self.opened)?;
        self.opened += 1;
        stream.set_nonblocking(true)?;
        stream.write_all(&self.request)?;
        let data = epoll::EventData::new_u64(slot as u64);
        epoll::add(&self.poll, &stream, data, epoll::EventFlags::IN)?;
        self.slots[slot] = Some(Connection {
            stream,
            received: 0,
        });
        Ok(())
    }

    /// Counts what came; true when the response is whole and the server has closed.
    fn receive(&mut self, slot: usize, buffer: &mut [u8]) -> Result<bool> {
        let Some(connection) = &mut self.slots[slot] else {
            return Ok(false);
        };
        match connection.stream.read(buffer) {
            Ok(0) if connection.received == self.response_len => Ok(true),
            Ok(0) => Err(Error::other(
                "a connection closed with the response incomplete",
            )),
            Ok(received) => {
                connection.received += received;
                Ok(false)
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(false),
            Err(error) => Err(error),
        }
    }
}
