//! gettext's binary catalogues, the `.mo` files: a head, two tables of lengths and offsets, and texts.
//!
//! ```text
//!  0      4         8        12               16                    20
//! | magic | revision | count | table of sources | table of translations | ...
//! ```
//!
//! Numbers are little or big endian, as the magic number tells. All offsets and lengths are checked, and a
//! file cannot make the reader keep more text than the file has.

use std::collections::HashMap;
use std::fmt;

use super::plural::{PluralError, PluralRule};

/// The first four octets, as a little-endian number.
const MAGIC: u32 = 0x9504_12de;

/// Octets before the first table.
const HEAD: usize = 20;

/// A catalogue: translations by what they translate, with the context before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Messages {
    /// All forms of each text.
    pub(super) forms: HashMap<String, Vec<String>>,
    pub(super) rule: PluralRule,
}

/// Why a file is no catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum MoError {
    Magic,
    Revision(u32),
    /// A table or a text lies outside the file.
    Truncated,
    /// Texts lie over each other, and would take more memory than the file.
    Overlapping,
    Charset(String),
    NotUtf8 {
        entry: usize,
    },
    Plural(PluralError),
}

/// Reads a catalogue.
pub(super) fn parse(file: &[u8]) -> Result<Messages, MoError> {
    let is_big = match number(file, 0, false)? {
        MAGIC => false,
        magic if magic == MAGIC.swap_bytes() => true,
        _ => return Err(MoError::Magic),
    };
    let revision = number(file, 4, is_big)?;
    if revision >> 16 > 1 {
        return Err(MoError::Revision(revision));
    }
    let count = offset(file, 8, is_big)?;
    let (sources, targets) = (offset(file, 12, is_big)?, offset(file, 16, is_big)?);
    let length = count.checked_mul(8).ok_or(MoError::Truncated)?;
    for table in [sources, targets] {
        if table < HEAD || table.checked_add(length).is_none_or(|end| end > file.len()) {
            return Err(MoError::Truncated);
        }
    }
    let mut messages = Messages {
        forms: HashMap::with_capacity(count),
        rule: PluralRule::germanic(),
    };
    let mut octets = 0;
    for entry in 0..count {
        let source = text(file, sources + entry * 8, is_big)?;
        let target = text(file, targets + entry * 8, is_big)?;
        octets += source.len() + target.len();
        if octets > file.len() {
            return Err(MoError::Overlapping);
        }
        let utf8 = |text| str::from_utf8(text).map_err(|_| MoError::NotUtf8 { entry });
        if source.is_empty() {
            // Its charset is looked at first: another one is rarely UTF-8.
            read_head(&String::from_utf8_lossy(target), &mut messages)?;
        } else {
            messages.insert(utf8(source)?, utf8(target)?);
        }
    }
    Ok(messages)
}

impl Messages {
    /// Sources have the plural after a NUL, translations have one form after the other.
    fn insert(&mut self, source: &str, target: &str) {
        let source = source.split('\0').next().unwrap_or_default();
        let forms = target.split('\0').map(str::to_owned).collect();
        self.forms.insert(source.to_owned(), forms);
    }
}

/// The translation of the empty text: fields with charset and plural rule.
fn read_head(text: &str, messages: &mut Messages) -> Result<(), MoError> {
    for line in text.lines() {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-type") {
            let charset = value.split("charset=").nth(1).unwrap_or("UTF-8").trim();
            let known = ["UTF-8", "UTF8", "US-ASCII", "ASCII", "CHARSET"];
            if !known.iter().any(|name| charset.eq_ignore_ascii_case(name)) {
                let charset = charset.chars().take(40).collect();
                return Err(MoError::Charset(charset));
            }
        } else if name.eq_ignore_ascii_case("plural-forms") {
            messages.rule = PluralRule::parse(value).map_err(MoError::Plural)?;
        }
    }
    Ok(())
}

/// The text whose length and offset stand at a place of a table.
fn text(file: &[u8], at: usize, is_big: bool) -> Result<&[u8], MoError> {
    let length = offset(file, at, is_big)?;
    let start = offset(file, at + 4, is_big)?;
    let end = start.checked_add(length).ok_or(MoError::Truncated)?;
    file.get(start..end).ok_or(MoError::Truncated)
}

fn offset(file: &[u8], at: usize, is_big: bool) -> Result<usize, MoError> {
    usize::try_from(number(file, at, is_big)?).map_err(|_| MoError::Truncated)
}

fn number(file: &[u8], at: usize, is_big: bool) -> Result<u32, MoError> {
    let octets = file.get(at..).and_then(<[u8]>::first_chunk);
    let octets = *octets.ok_or(MoError::Truncated)?;
    Ok(match is_big {
        true => u32::from_be_bytes(octets),
        false => u32::from_le_bytes(octets),
    })
}

impl fmt::Display for MoError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Magic => f.write_str("is no .mo file: the magic number is wrong"),
            Self::Revision(revision) => write!(f, "has the unknown revision {revision:#x}"),
            Self::Truncated => f.write_str("points outside the file: it is truncated"),
            Self::Overlapping => f.write_str("has texts that lie over each other"),
            Self::Charset(charset) => {
                write!(
                    f,
                    "has the charset {charset:?}; only UTF-8 is read (msgconv makes it)"
                )
            }
            Self::NotUtf8 { entry } => write!(f, "entry {entry} is not UTF-8"),
            Self::Plural(error) => error.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
