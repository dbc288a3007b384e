//! Undoing gzip (RFC 1952), a piece at a time.

use bytes::Bytes;
use zlib_rs::{Inflate, InflateFlush, Status};

use super::error::FetchError;

/// Octets that one step makes at the most: a bomb goes off in pieces that are counted.
const STEP: usize = 32 * 1024;
/// Members of one body. Each costs a table, so a flood of empty ones is refused.
const MAX_MEMBERS: u32 = 10_000;
/// A window of 15 bits, plus 16 for the gzip header and its checksum.
const GZIP: u8 = 15 + 16;

/// Undoes gzip; the members of a body follow each other.
pub(super) struct Gunzip {
    input: Bytes,
    /// `None` between members.
    member: Option<Box<Inflate>>,
    members: u32,
    /// Where a step writes; made at the first.
    out: Vec<u8>,
}

impl Gunzip {
    pub(super) fn new() -> Self {
        Self {
            input: Bytes::new(),
            member: None,
            members: 0,
            out: Vec::new(),
        }
    }

    /// Gives it the next piece; the one before must be used up.
    pub(super) fn feed(&mut self, input: Bytes) {
        debug_assert!(self.input.is_empty(), "the last piece is used up");
        self.input = input;
    }

    /// Returns what can be made of the input; `None` when it needs more.
    pub(super) fn next(&mut self) -> Result<Option<Bytes>, FetchError> {
        loop {
            if self.member.is_none() {
                if self.input.is_empty() {
                    return Ok(None);
                }
                self.members += 1;
                if self.members > MAX_MEMBERS {
                    return Err(invalid());
                }
                self.member = Some(Box::new(Inflate::new(true, GZIP)));
            }
            let made = self.step()?;
            if made > 0 {
                return Ok(Some(Bytes::copy_from_slice(&self.out[..made])));
            }
            if self.input.is_empty() {
                return Ok(None);
            }
        }
    }

    /// Runs the member over the input once and returns how many octets it made.
    fn step(&mut self) -> Result<usize, FetchError> {
        let Some(member) = &mut self.member else {
            return Ok(0);
        };
        self.out.resize(STEP, 0);
        let (read, made) = (member.total_in(), member.total_out());
        let status = member.decompress(&self.input, &mut self.out, InflateFlush::NoFlush);
        let status = status.map_err(|_| invalid())?;
        let read = usize::try_from(member.total_in() - read).unwrap_or(usize::MAX);
        let made = usize::try_from(member.total_out() - made).unwrap_or(usize::MAX);
        self.input = self.input.split_off(read.min(self.input.len()));
        match status {
            Status::StreamEnd => self.member = None,
            // Neither read nor made anything, with input there: it cannot go on.
            _ if read == 0 && made == 0 && !self.input.is_empty() => return Err(invalid()),
            _ => {}
        }
        Ok(made)
    }

    /// Checks that the body did not end inside a member.
    pub(super) fn finish(&self) -> Result<(), FetchError> {
        match self.member {
            None => Ok(()),
            Some(_) => Err(FetchError::malformed("gzip data is cut short")),
        }
    }
}

fn invalid() -> FetchError {
    FetchError::malformed("invalid gzip data")
}

#[cfg(test)]
mod tests {
    use zlib_rs::{Deflate, DeflateFlush};

    use super::*;

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut out = vec![0; plain.len() + 256];
        let mut deflate = Deflate::new(6, true, GZIP);
        let status = deflate
            .compress(plain, &mut out, DeflateFlush::Finish)
            .unwrap();
        assert_eq!(status, Status::StreamEnd);
        out.truncate(usize::try_from(deflate.total_out()).unwrap());
        out
    }

    fn gunzip<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> Result<Vec<u8>, FetchError> {
        let (mut gunzip, mut plain) = (Gunzip::new(), Vec::new());
        for piece in pieces {
            gunzip.feed(Bytes::copy_from_slice(piece));
            while let Some(made) = gunzip.next()? {
                assert!(made.len() <= STEP);
                plain.extend_from_slice(&made);
            }
        }
        gunzip.finish().map(|()| plain)
    }

    #[test]
    fn undoes_members_however_they_are_split() {
        let plain: Vec<u8> = (0..100_000u32)
            .map(|n| u8::try_from(n % 503 * n % 251).unwrap())
            .collect();
        let coded = [gzip(&plain), gzip(b""), gzip(b"more")].concat();
        let whole = [&plain[..], b"more"].concat();
        for size in [1, 7, 1000, coded.len()] {
            assert_eq!(gunzip(coded.chunks(size)).unwrap(), whole, "{size}");
        }
        assert_eq!(gunzip([]).unwrap(), b"");
    }

    #[test]
    fn refuses_what_is_cut_short_or_broken() {
        let coded = gzip(b"some text that is long enough");
        for end in 1..coded.len() {
            assert!(gunzip([&coded[..end]]).is_err(), "{end}");
        }
        let mut broken = coded.clone();
        let checksum = broken.len() - 6;
        broken[checksum] ^= 1;
        assert!(gunzip([&broken[..]]).is_err());
        assert!(gunzip([&b"<html>"[..]]).is_err());
        assert!(gunzip([&[&coded[..], b"rubbish"].concat()[..]]).is_err());
    }
}
