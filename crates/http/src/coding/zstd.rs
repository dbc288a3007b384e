use std::io::{self, Write};

use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};
use zstd::stream::write::Encoder;

use super::decoder::{Decode, Progress};
use super::encoder::Encode;

/// The library's default.
const LEVEL: i32 = 3;

pub(super) struct Zstd(Encoder<'static, Vec<u8>>);

impl Zstd {
    pub(super) fn new() -> io::Result<Self> {
        Encoder::new(Vec::new(), LEVEL).map(Self)
    }
}

impl Encode for Zstd {
    fn write(&mut self, input: &[u8]) -> io::Result<()> {
        self.0.write_all(input)
    }

    fn flush(&mut self) -> io::Result<Vec<u8>> {
        self.0.flush()?;
        Ok(std::mem::take(self.0.get_mut()))
    }

    fn finish(self: Box<Self>) -> io::Result<Vec<u8>> {
        self.0.finish()
    }
}

/// The largest window that HTTP allows: 8 MiB (RFC 9659 §3).
const MAX_WINDOW_LOG: u32 = 23;

/// Undoes zstd (RFC 8878); frames follow each other.
pub(super) struct Unzstd {
    decoder: Decoder<'static>,
    /// A frame is complete, and none has begun after it.
    between: bool,
}

impl Unzstd {
    pub(super) fn new() -> io::Result<Self> {
        let mut decoder = Decoder::new()?;
        decoder.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG))?;
        Ok(Self {
            decoder,
            between: true,
        })
    }
}

impl Decode for Unzstd {
    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Progress, &'static str> {
        if self.between && input.is_empty() {
            return Ok(Progress { read: 0, made: 0 });
        }
        let mut input = InBuffer::around(input);
        let mut output = OutBuffer::around(out);
        let wanted = self.decoder.run(&mut input, &mut output);
        self.between = wanted.map_err(|_| "is invalid")? == 0;
        Ok(Progress {
            read: input.pos(),
            made: output.pos(),
        })
    }

    fn is_complete(&self) -> bool {
        self.between
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_comes_back() {
        let mut coder = Box::new(Zstd::new().unwrap());
        coder.write(b"asdf").unwrap();
        let mut coded = coder.flush().unwrap();
        assert!(!coded.is_empty());
        coder.write(b"qwer").unwrap();
        coded.extend(coder.finish().unwrap());
        assert_eq!(zstd::decode_all(&*coded).unwrap(), b"asdfqwer");
    }
}
