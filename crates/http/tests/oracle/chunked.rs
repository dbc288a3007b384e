//! RFC 9112 §7.1, read line by line.

use super::{field, line};

/// The body and the octets used, if the input begins with a whole chunked body within its limits.
pub(crate) fn read(input: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (mut rest, mut body, mut extensions) = (input, Vec::new(), 0);
    loop {
        let (size_line, after) = line(rest)?;
        let digits = size_line
            .iter()
            .take_while(|octet| octet.is_ascii_hexdigit())
            .count();
        let (size, extension) = size_line.split_at(digits);
        extensions += extension.len();
        let well_formed = extension.is_empty() || extension[0] == b';';
        if !(1..=32).contains(&digits) || !well_formed || extensions > 16 * 1024 {
            return None;
        }
        if extension
            .iter()
            .any(|octet| (*octet < b' ' && *octet != b'\t') || *octet == 0x7f)
        {
            return None;
        }
        let size = u64::from_str_radix(std::str::from_utf8(size).ok()?, 16).ok()?;
        if size == 0 {
            let left = trailers(after)?;
            return Some((body, input.len() - left.len()));
        }
        let size = usize::try_from(size).ok()?;
        body.extend_from_slice(after.get(..size)?);
        rest = after[size..].strip_prefix(b"\r\n")?;
    }
}

/// What follows the trailers and the empty line.
fn trailers(input: &[u8]) -> Option<&[u8]> {
    let (mut rest, mut count) = (input, 0);
    loop {
        let (text, after) = line(rest)?;
        if text.is_empty() {
            return Some(after);
        }
        field(text)?;
        count += 1;
        rest = after;
        if count > 100 || input.len() - rest.len() > 16 * 1024 {
            return None;
        }
    }
}
