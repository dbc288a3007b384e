//! The client's end of one connection.

use std::collections::VecDeque;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::answer::{self, Answer};

/// Sends any octets and reads answers.
#[derive(Debug)]
pub(crate) struct Client {
    stream: TcpStream,
    unread: Vec<u8>,
    /// Which of the coming answers are to HEAD.
    heads: VecDeque<bool>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) interims: Vec<Answer>,
    pub(crate) ended: bool,
}

impl Client {
    pub(crate) fn connect(address: SocketAddr, heads: impl IntoIterator<Item = bool>) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream
            .set_write_timeout(Some(Duration::from_secs(5)))
            .unwrap();
        let heads = heads.into_iter().collect();
        let (answers, interims) = (Vec::new(), Vec::new());
        Self {
            stream,
            unread: Vec::new(),
            heads,
            answers,
            interims,
            ended: false,
        }
    }

    /// Sends all of it; false if the server does not take it any more.
    pub(crate) fn send(&mut self, octets: &[u8]) -> bool {
        self.stream.write_all(octets).is_ok()
    }

    /// Sends one octet at a time until all is sent or the server has closed.
    ///
    /// # Errors
    ///
    /// What is wrong with an answer that came meanwhile.
    pub(crate) fn drip(&mut self, octets: &[u8], interval: Duration) -> Result<(), String> {
        for octet in octets {
            if self.ended || !self.send(&[*octet]) {
                break;
            }
            if !interval.is_zero() {
                self.read_until(interval, |client| client.ended)?;
            }
        }
        Ok(())
    }

    pub(crate) fn shutdown(&self) {
        // The server may have closed first.
        let _already_closed = self.stream.shutdown(Shutdown::Write);
    }

    /// Octets that came and belong to no whole answer.
    pub(crate) fn left_over(&self) -> &[u8] {
        &self.unread
    }

    /// Reads until `ready`, the end, or the time is over; tells whether it is ready.
    ///
    /// # Errors
    ///
    /// What is wrong with an answer.
    pub(crate) fn read_until(
        &mut self,
        timeout: Duration,
        ready: impl Fn(&Self) -> bool,
    ) -> Result<bool, String> {
        let deadline = Instant::now() + timeout;
        loop {
            self.parse()?;
            let left = deadline.saturating_duration_since(Instant::now());
            if ready(self) || self.ended || left.is_zero() || !self.fill(left) {
                self.parse()?;
                return Ok(ready(self));
            }
        }
    }

    /// Reads once; false if nothing came in time.
    fn fill(&mut self, timeout: Duration) -> bool {
        self.stream.set_read_timeout(Some(timeout)).unwrap();
        let mut buffer = vec![0; 256 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => self.ended = true,
            Ok(count) => self.unread.extend_from_slice(&buffer[..count]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => self.ended = true,
            Err(_) => return false,
        }
        true
    }

    fn parse(&mut self) -> Result<(), String> {
        while !self.unread.is_empty() {
            let to_head = self.heads.front().copied().unwrap_or(false);
            let Some((answer, used)) = answer::parse(&self.unread, to_head, self.ended)? else {
                return Ok(());
            };
            self.unread.drain(..used);
            if answer.status < 200 {
                self.interims.push(answer);
            } else {
                self.heads.pop_front();
                self.answers.push(answer);
            }
        }
        Ok(())
    }
}
