use std::io;

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Status};

use super::encoder::Encode;

/// Level 6, as in Tornado.
const LEVEL: i32 = 6;

/// The largest window, and 16 for the frame of gzip (RFC 1952) around it.
const WINDOW: i32 = 15 + 16;

pub(super) struct Gzip {
    deflate: Deflate,
    output: Vec<u8>,
}

impl Gzip {
    pub(super) fn new() -> Self {
        let config = DeflateConfig {
            level: LEVEL,
            window_bits: WINDOW,
            ..DeflateConfig::default()
        };
        Self {
            deflate: Deflate::new_with_config(config),
            output: Vec::new(),
        }
    }

    /// Runs until all input is taken and, if it is flushed, all output has come.
    fn run(&mut self, mut input: &[u8], flush: DeflateFlush) -> io::Result<()> {
        let mut block = [0; 8 * 1024];
        loop {
            let (taken, made) = (self.deflate.total_in(), self.deflate.total_out());
            let status = self.deflate.compress(input, &mut block, flush);
            let status = status.map_err(|error| io::Error::other(error.as_str()))?;
            let taken = usize::try_from(self.deflate.total_in() - taken).unwrap_or(0);
            let made = usize::try_from(self.deflate.total_out() - made).unwrap_or(0);
            input = &input[taken..];
            self.output.extend_from_slice(&block[..made]);
            let is_full = made == block.len();
            let is_over = match flush {
                DeflateFlush::Finish => status == Status::StreamEnd,
                _ => input.is_empty() && !is_full,
            };
            if is_over {
                return Ok(());
            }
            if taken == 0 && made == 0 {
                return Err(io::Error::other("gzip makes no progress"));
            }
        }
    }
}

impl Encode for Gzip {
    fn write(&mut self, input: &[u8]) -> io::Result<()> {
        if input.is_empty() {
            return Ok(());
        }
        self.run(input, DeflateFlush::NoFlush)
    }

    fn flush(&mut self) -> io::Result<Vec<u8>> {
        self.run(&[], DeflateFlush::SyncFlush)?;
        Ok(std::mem::take(&mut self.output))
    }

    fn finish(mut self: Box<Self>) -> io::Result<Vec<u8>> {
        self.run(&[], DeflateFlush::Finish)?;
        Ok(self.output)
    }
}

#[cfg(test)]
mod tests {
    use zlib_rs::{Inflate, InflateFlush};

    use super::*;

    fn decode(coded: &[u8]) -> Vec<u8> {
        let mut output = vec![0; 1_000_000];
        let mut inflate = Inflate::new(true, 31);
        inflate
            .decompress(coded, &mut output, InflateFlush::NoFlush)
            .unwrap();
        output.truncate(usize::try_from(inflate.total_out()).unwrap());
        output
    }

    #[test]
    fn what_is_flushed_can_be_decoded_at_once() {
        let mut gzip = Gzip::new();
        gzip.write(b"asdf").unwrap();
        let mut coded = gzip.flush().unwrap();
        assert_eq!(decode(&coded), b"asdf");
        assert!(gzip.flush().unwrap().len() < 20);
        let large: Vec<u8> = (0..200_000_u32)
            .flat_map(|n| n.wrapping_mul(n).to_le_bytes())
            .collect();
        let mut gzip = Box::new(Gzip::new());
        gzip.write(&large).unwrap();
        coded = gzip.flush().unwrap();
        gzip.write(b"end").unwrap();
        coded.extend(gzip.finish().unwrap());
        assert_eq!(decode(&coded), [&large[..], b"end"].concat());
    }
}
