//! One message to many: the first connection sends, all of them get it.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;

use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::connect::{self, STALL};
use crate::limit::Limit;
use crate::options::Options;
use crate::probe::Probe;

struct Receiver {
    stream: TcpStream,
    /// Octets still to come for the burst that is out.
    awaited: usize,
}

/// The members of a room, and the octets of a burst of messages.
pub(crate) struct Load {
    poll: OwnedFd,
    receivers: Vec<Receiver>,
    burst: Vec<u8>,
    depth: usize,
    message_len: usize,
}

impl Load {
    /// Opens the connections.
    pub(crate) fn new(options: &Options, probe: &Probe) -> Result<Self> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut receivers = Vec::with_capacity(options.connections);
        for index in 0..options.connections as u64 {
            let stream = connect::ready(options, index)?;
            stream.set_nonblocking(true)?;
            let data = epoll::EventData::new_u64(index);
            epoll::add(&poll, &stream, data, epoll::EventFlags::IN)?;
            receivers.push(Receiver { stream, awaited: 0 });
        }
        Ok(Self {
            poll,
            receivers,
            burst: probe.request.repeat(options.depth),
            depth: options.depth,
            message_len: probe.length,
        })
    }

    /// Sends bursts until the limit, each when the one before has reached everybody; returns the
    /// number of deliveries.
    ///
    /// # Errors
    ///
    /// When a connection closes, gets more than was sent, or less for a long time.
    pub(crate) fn run(&mut self, limit: &mut Limit) -> Result<u64> {
        let each = self.depth * self.receivers.len();
        let mut deliveries = 0;
        while limit.take(each) > 0 {
            for receiver in &mut self.receivers {
                receiver.awaited += self.depth * self.message_len;
            }
            self.receivers[0].stream.write_all(&self.burst)?;
            self.receive()?;
            deliveries += each as u64;
            limit.look();
        }
        Ok(deliveries)
    }

    fn receive(&mut self) -> Result<()> {
        let mut waiting = self.receivers.len();
        let mut events = Vec::with_capacity(1024);
        let mut buffer = vec![0; 64 * 1024];
        while waiting > 0 {
            events.clear();
            let stall = STALL.try_into().map_err(Error::other)?;
            epoll::wait(&self.poll, spare_capacity(&mut events), Some(&stall))?;
            if events.is_empty() {
                return Err(Error::other(format!(
                    "{waiting} receivers wait for a message"
                )));
            }
            for event in &events {
                let index = usize::try_from(event.data.u64()).map_err(Error::other)?;
                waiting -= usize::from(self.receivers[index].read(&mut buffer)?);
            }
        }
        Ok(())
    }
}

impl Receiver {
    /// Counts what came; true when all of it is there.
    fn read(&mut self, buffer: &mut [u8]) -> Result<bool> {
        let received = match self.stream.read(buffer) {
            Ok(0) => return Err(Error::other("the server closed a connection")),
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        let left = self.awaited.checked_sub(received);
        self.awaited = left.ok_or_else(|| Error::other("more octets than were sent"))?;
        Ok(self.awaited == 0)
    }
}
