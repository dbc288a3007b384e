//! Many requests on open connections: a batch out, its responses counted, the next batch.

use std::io::{Error, ErrorKind, Read, Result, Write};
use std::net::TcpStream;
use std::os::fd::OwnedFd;

use rustix::buffer::spare_capacity;
use rustix::event::epoll;

use crate::connect::{self, STALL};
use crate::frames::Frames;
use crate::limit::Limit;
use crate::options::Options;
use crate::probe::Probe;

struct Connection {
    stream: TcpStream,
    /// What is still to come for the batch that is out, in bytes or in messages; 0 when idle.
    awaited: usize,
    /// Counts messages, where their lengths differ.
    frames: Option<Frames>,
}

/// Open connections and the bytes of a full batch.
pub(crate) struct Load {
    poll: OwnedFd,
    connections: Vec<Connection>,
    batch: Vec<u8>,
    depth: usize,
    request_len: usize,
    /// What a response adds to what is awaited.
    each: usize,
}

impl Load {
    /// Opens the connections.
    pub(crate) fn new(options: &Options, probe: &Probe) -> Result<Self> {
        let poll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let mut connections = Vec::with_capacity(options.connections);
        for index in 0..options.connections as u64 {
            let stream = connect::ready(options, index)?;
            stream.set_nonblocking(true)?;
            let data = epoll::EventData::new_u64(index);
            epoll::add(&poll, &stream, data, epoll::EventFlags::IN)?;
            connections.push(Connection {
                stream,
                awaited: 0,
                // Compressed answers get shorter where the server keeps its context.
                frames: options.deflate.then(Frames::default),
            });
        }
        Ok(Self {
            poll,
            connections,
            batch: probe.request.repeat(options.depth),
            depth: options.depth,
            request_len: probe.request.len(),
            each: if options.deflate { 1 } else { probe.length },
        })
    }

    /// Sends until the limit and waits for every response; returns their number.
    ///
    /// # Errors
    ///
    /// When a connection closes, sends more than was asked for, or nothing comes for a long time.
    pub(crate) fn run(&mut self, limit: &mut Limit) -> Result<u64> {
        let mut requests = 0;
        let mut busy = 0;
        for index in 0..self.connections.len() {
            let sent = self.send(index, limit)?;
            busy += usize::from(sent > 0);
            requests += sent as u64;
        }
        let mut events = Vec::with_capacity(1024);
        let mut buffer = vec![0; 64 * 1024];
        while busy > 0 {
            events.clear();
            let stall = STALL.try_into().map_err(Error::other)?;
            epoll::wait(&self.poll, spare_capacity(&mut events), Some(&stall))?;
            if events.is_empty() {
                return Err(Error::other(format!(
                    "{busy} connections wait for responses"
                )));
            }
            limit.look();
            for event in &events {
                let index = usize::try_from(event.data.u64()).map_err(Error::other)?;
                if !self.receive(index, &mut buffer)? {
                    continue;
                }
                let sent = self.send(index, limit)?;
                busy -= usize::from(sent == 0);
                requests += sent as u64;
            }
        }
        Ok(requests)
    }

    fn send(&mut self, index: usize, limit: &mut Limit) -> Result<usize> {
        let requests = limit.take(self.depth);
        if requests > 0 {
            let connection = &mut self.connections[index];
            connection.awaited = requests * self.each;
            connection
                .stream
                .write_all(&self.batch[..requests * self.request_len])?;
        }
        Ok(requests)
    }

    /// Counts what came; true when the batch is answered.
    fn receive(&mut self, index: usize, buffer: &mut [u8]) -> Result<bool> {
        let connection = &mut self.connections[index];
        let received = match connection.stream.read(buffer) {
            Ok(0) => return Err(Error::other("the server closed a connection")),
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        let come = match &mut connection.frames {
            Some(frames) => frames.count(&buffer[..received])?,
            None => received,
        };
        connection.awaited = connection.awaited.checked_sub(come).ok_or_else(|| {
            Error::other("more than the first response promised; did its length change?")
        })?;
        Ok(connection.awaited == 0)
    }
}
