use std::io::{self, Write};

use brotli::CompressorWriter;

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
