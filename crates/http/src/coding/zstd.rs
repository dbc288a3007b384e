use std::io::{self, Write};

use zstd::stream::write::Encoder;

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
