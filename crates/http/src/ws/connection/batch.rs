//! What a group sends in one turn of the loop.

use bytes::Bytes;

use crate::ws::Prepared;
use crate::ws::deflate::{Compressor, Kind};

/// Messages of one turn, and their frames in one piece for every kind of connection.
#[derive(Debug, Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
    octets: usize,
    /// Some entry leaves somebody out.
    excepting: bool,
    plain: Option<Bytes>,
    compressed: Vec<(Sort, Bytes)>,
}

/// One message of a batch.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) message: Prepared,
    pub(super) key: Option<Box<str>>,
    /// The seat that does not get it.
    pub(super) except: Option<u64>,
}

/// What the compressed frames of a batch depend on.
type Sort = (Kind, usize);

/// Octets that are gathered before they go out within the turn.
const FULL: usize = 64 * 1024;

impl Batch {
    pub(super) fn push(&mut self, entry: Entry) {
        self.octets += entry.message.len();
        self.excepting |= entry.except.is_some();
        self.entries.push(entry);
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn is_full(&self) -> bool {
        self.octets >= FULL
    }

    /// Tells whether the seat gets all of it.
    #[inline]
    pub(super) fn is_whole_for(&self, seat: u64) -> bool {
        !self.excepting || self.entries.iter().all(|entry| entry.except != Some(seat))
    }

    /// What a seat gets, message by message.
    pub(super) fn entries_for(&self, seat: u64) -> impl Iterator<Item = &Entry> {
        let entries = self.entries.iter();
        entries.filter(move |entry| entry.except != Some(seat))
    }

    /// The frames of all messages for a connection with this compressor, made once for each sort.
    #[inline]
    pub(super) fn frames(&mut self, compressor: Option<&mut Compressor>) -> &Bytes {
        match compressor {
            None => {
                let entries = &self.entries;
                self.plain.get_or_insert_with(|| join(entries, None))
            }
            Some(compressor) => self.compressed_frames(compressor),
        }
    }

    fn compressed_frames(&mut self, compressor: &mut Compressor) -> &Bytes {
        let sort = (compressor.kind(), compressor.threshold());
        let found = self.compressed.iter().position(|(known, _)| *known == sort);
        let at = match found {
            Some(at) => {
                if self
                    .entries
                    .iter()
                    .any(|entry| compressor.takes(entry.message.len()))
                {
                    compressor.forget();
                }
                at
            }
            None => {
                let frames = join(&self.entries, Some(compressor));
                self.compressed.push((sort, frames));
                self.compressed.len() - 1
            }
        };
        &self.compressed[at].1
    }
}

fn join(entries: &[Entry], mut compressor: Option<&mut Compressor>) -> Bytes {
    if let [entry] = entries {
        return entry.message.frame(compressor);
    }
    let mut frames = Vec::new();
    for entry in entries {
        frames.extend_from_slice(&entry.message.frame(compressor.as_deref_mut()));
    }
    frames.into()
}
