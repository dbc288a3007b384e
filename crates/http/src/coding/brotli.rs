use std::io::{self, Write};

use brotli::reader::StandardAlloc;
use brotli::{BrotliDecompressStream, BrotliResult, BrotliState, CompressorWriter};

use super::decoder::{Decode, Progress};
use super::encoder::Encode;

/// About as fast as gzip's default, and smaller.
const QUALITY: u32 = 4;

/// The largest window that clients keep by default: 4 MiB.
const WINDOW: u32 = 22;

pub(super) struct Brotli(CompressorWriter<Vec<u8>>);

impl Brotli {
    pub(super) fn new() -> Self {
        Self(CompressorWriter::new(Vec::new(), 4096, QUALITY, WINDOW))
    }
}

impl Encode for Brotli {
    fn write(&mut self, input: &[u8]) -> io::Result<()> {
        self.0.write_all(input)
    }

    fn flush(&mut self) -> io::Result<Vec<u8>> {
        self.0.flush()?;
        Ok(std::mem::take(self.0.get_mut()))
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        Ok(self.0.into_inner())
    }
}

type State = BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>;

/// Undoes brotli (RFC 7932), with windows of up to 16 MiB.
pub(super) struct Unbrotli {
    state: Box<State>,
    total: usize,
    ended: bool,
}

impl Unbrotli {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        Self {
            state: Box::new(State::new_strict(alloc(), alloc(), alloc())),
            total: 0,
            ended: false,
        }
    }
}

impl Decode for Unbrotli {
    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Progress, &'static str> {
        if self.ended {
            return Ok(Progress { read: 0, made: 0 });
        }
        let (mut input_left, mut read) = (input.len(), 0);
        let (mut room, mut made) = (out.len(), 0);
        let result = BrotliDecompressStream(
            &mut input_left,
            &mut read,
            input,
            &mut room,
            &mut made,
            out,
            &mut self.total,
            &mut self.state,
        );
        match result {
            BrotliResult::ResultFailure => return Err("is invalid"),
            BrotliResult::ResultSuccess => self.ended = true,
            BrotliResult::NeedsMoreInput | BrotliResult::NeedsMoreOutput => {}
        }
        Ok(Progress { read, made })
    }

    fn is_complete(&self) -> bool {
        self.ended
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn what_is_written_comes_back() {
        let mut coder = Box::new(Brotli::new());
        coder.write(b"asdf").unwrap();
        let mut coded = coder.flush().unwrap();
        assert!(!coded.is_empty());
        coder.write(b"qwer").unwrap();
        coded.extend(coder.finish().unwrap());
        let mut text = String::new();
        brotli::Decompressor::new(&*coded, 4096)
            .read_to_string(&mut text)
            .unwrap();
        assert_eq!(text, "asdfqwer");
    }
}
