//! Undoing gzip (RFC 1952), zlib (RFC 1950) and bare deflate (RFC 1951).

use zlib_rs::{Inflate, InflateFlush, Status};

use super::decoder::{Decode, Progress};

/// Members of one body. Each costs a table, so a flood of empty ones is refused.
const MAX_MEMBERS: u32 = 10_000;
/// The largest window there is.
const WINDOW: u8 = 15;
/// Added to the window: the frame of gzip and its checksum.
const GZIP: u8 = 16;

const INVALID: &str = "is invalid";

/// Undoes gzip; the members of a body follow each other.
pub(super) struct Gunzip {
    /// `None` between members.
    member: Option<Box<Inflate>>,
    members: u32,
}

impl Gunzip {
    pub(super) fn new() -> Self {
        Self {
            member: None,
            members: 0,
        }
    }
}

impl Decode for Gunzip {
    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Progress, &'static str> {
        if self.member.is_none() {
            if input.is_empty() {
                return Ok(Progress { read: 0, made: 0 });
            }
            self.members += 1;
            if self.members > MAX_MEMBERS {
                return Err("has too many members");
            }
        }
        let member = self
            .member
            .get_or_insert_with(|| Box::new(Inflate::new(true, WINDOW + GZIP)));
        let (progress, ended) = run(member, input, out)?;
        if ended {
            self.member = None;
        }
        Ok(progress)
    }

    fn is_complete(&self) -> bool {
        self.member.is_none()
    }
}

/// Undoes what HTTP calls deflate: with the frame of zlib, or bare.
pub(super) enum Inflater {
    /// The first octet tells which it is.
    Start,
    Running(Box<Inflate>),
    Done,
}

impl Inflater {
    pub(super) fn new() -> Self {
        Self::Start
    }
}

impl Decode for Inflater {
    fn step(&mut self, input: &[u8], out: &mut [u8]) -> Result<Progress, &'static str> {
        if let (Self::Start, Some(first)) = (&*self, input.first()) {
            // Bare deflate begins with these four bits only in a stored block whose padding is not
            // zero, and nobody writes that.
            let is_zlib = first & 0x0f == 8;
            *self = Self::Running(Box::new(Inflate::new(is_zlib, WINDOW)));
        }
        let Self::Running(inflate) = self else {
            return Ok(Progress { read: 0, made: 0 });
        };
        let (progress, ended) = run(inflate, input, out)?;
        if ended {
            *self = Self::Done;
        }
        Ok(progress)
    }

    fn is_complete(&self) -> bool {
        matches!(self, Self::Done)
    }
}

/// Runs once over the input; tells whether the data has ended.
fn run(
    inflate: &mut Inflate,
    input: &[u8],
    out: &mut [u8],
) -> Result<(Progress, bool), &'static str> {
    let (read, made) = (inflate.total_in(), inflate.total_out());
    let status = inflate.decompress(input, out, InflateFlush::NoFlush);
    let status = status.map_err(|_| INVALID)?;
    let progress = Progress {
        read: usize::try_from(inflate.total_in() - read).map_err(|_| INVALID)?,
        made: usize::try_from(inflate.total_out() - made).map_err(|_| INVALID)?,
    };
    Ok((progress, status == Status::StreamEnd))
}
