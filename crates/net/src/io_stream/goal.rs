//! What a read waits for.
//!
//! A goal looks at what is buffered and takes its message when it is complete; until then nothing is
//! consumed. So a read that is dropped loses nothing, whichever it is.

use bytes::Bytes;
use memchr::memmem::Finder;

use super::read_regex::ReadRegex;
use super::{IoStream, StreamError};

pub(super) trait Goal {
    type Output;

    /// Takes the message, or returns `None` if more must come.
    fn step(&mut self, stream: &mut IoStream) -> Option<Result<Self::Output, StreamError>>;

    /// Returns what the read gives when the stream ends in order before the message is complete.
    fn at_end(&mut self, _stream: &mut IoStream) -> Result<Self::Output, StreamError> {
        Err(StreamError::Closed(None))
    }
}

/// So many octets, at once if the least are there.
pub(super) struct Octets {
    pub(super) least: usize,
    pub(super) most: usize,
}

impl Goal for Octets {
    type Output = Bytes;

    #[inline]
    fn step(&mut self, stream: &mut IoStream) -> Option<Result<Bytes, StreamError>> {
        let there = stream.buffered().len();
        if there >= self.least {
            return Some(Ok(stream.take(there.min(self.most))));
        }
        too_many(self.least, stream)
    }
}

/// So many octets, into memory of the caller.
pub(super) struct Into<'a> {
    pub(super) target: &'a mut [u8],
    pub(super) least: usize,
}

impl Goal for Into<'_> {
    type Output = usize;

    fn step(&mut self, stream: &mut IoStream) -> Option<Result<usize, StreamError>> {
        let there = stream.buffered().len();
        if there < self.least {
            return too_many(self.least, stream);
        }
        let count = there.min(self.target.len());
        self.target[..count].copy_from_slice(&stream.buffered()[..count]);
        stream.took(count);
        Some(Ok(count))
    }
}

fn too_many<T>(wanted: usize, stream: &IoStream) -> Option<Result<T, StreamError>> {
    let limit = stream.max_buffer_size();
    (wanted > limit).then_some(Err(StreamError::UnsatisfiableRead { limit }))
}

/// Up to and including a delimiter.
pub(super) struct Until<'a> {
    finder: Finder<'a>,
    limit: usize,
    searched: usize,
}

impl<'a> Until<'a> {
    pub(super) fn new(delimiter: &'a [u8], limit: usize) -> Self {
        Self {
            finder: Finder::new(delimiter),
            limit,
            searched: 0,
        }
    }
}

impl Goal for Until<'_> {
    type Output = Bytes;

    fn step(&mut self, stream: &mut IoStream) -> Option<Result<Bytes, StreamError>> {
        let limit = self.limit.min(stream.max_buffer_size());
        let delimiter = self.finder.needle().len();
        // The delimiter may straddle what was searched before and what came since.
        let from = self.searched.saturating_sub(delimiter.saturating_sub(1));
        let there = stream.buffered();
        let end = self
            .finder
            .find(&there[from..])
            .map(|at| from + at + delimiter);
        self.searched = there.len();
        match end {
            Some(end) if end <= limit => Some(Ok(stream.take(end))),
            None if self.searched < limit => None,
            _ => Some(Err(StreamError::UnsatisfiableRead { limit })),
        }
    }
}

/// Up to the end of the first match of an expression.
pub(super) struct UntilRegex<'a> {
    pub(super) regex: &'a ReadRegex,
    pub(super) limit: usize,
}

impl Goal for UntilRegex<'_> {
    type Output = Bytes;

    fn step(&mut self, stream: &mut IoStream) -> Option<Result<Bytes, StreamError>> {
        let limit = self.limit.min(stream.max_buffer_size());
        let there = stream.buffered();
        match self.regex.find_end(there) {
            Some(end) if end <= limit => Some(Ok(stream.take(end))),
            None if there.len() < limit => None,
            _ => Some(Err(StreamError::UnsatisfiableRead { limit })),
        }
    }
}

/// Everything until the peer closes its direction.
pub(super) struct UntilClose;

impl Goal for UntilClose {
    type Output = Bytes;

    fn step(&mut self, stream: &mut IoStream) -> Option<Result<Bytes, StreamError>> {
        let limit = stream.max_buffer_size();
        (stream.buffered().len() > limit).then_some(Err(StreamError::UnsatisfiableRead { limit }))
    }

    fn at_end(&mut self, stream: &mut IoStream) -> Result<Bytes, StreamError> {
        Ok(stream.take(stream.buffered().len()))
    }
}
