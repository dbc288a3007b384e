//! Finding the end of a part of a head, and refusing octets that it cannot have.

/// What an octet may be part of.
const TOKEN: u8 = 1;
const TARGET: u8 = 2;
const PATH: u8 = 4;

/// RFC 9110 §5.6.2 (tchar) and the octets of a request target: visible ASCII without `#`, which no
/// target has (RFC 9112 §3.2, RFC 9110 §7.1).
static KINDS: [u8; 256] = {
    let mut kinds = [0; 256];
    let mut octet = 0x21u8;
    while octet < 0x7f {
        let token = octet.is_ascii_alphanumeric()
            || matches!(octet, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
        let target = octet != b'#';
        let path = target && octet != b'?';
        kinds[octet as usize] = if token { TOKEN } else { 0 }
            | if target { TARGET } else { 0 }
            | if path { PATH } else { 0 };
        octet += 1;
    }
    kinds
};

/// Returns how many octets of a token `bytes` begins with.
#[inline]
pub(super) fn token_len(bytes: &[u8]) -> usize {
    len_of(bytes, TOKEN)
}

/// Returns how many octets of a request target `bytes` begins with.
#[inline]
pub(super) fn target_len(bytes: &[u8]) -> usize {
    len_of(bytes, TARGET)
}

/// Returns how many octets of a request target `bytes` begins with before a question mark.
#[inline]
pub(super) fn path_len(bytes: &[u8]) -> usize {
    len_of(bytes, PATH)
}

#[inline]
fn len_of(bytes: &[u8], kind: u8) -> usize {
    run_len(bytes, &KINDS, kind)
}

/// Returns how many octets `bytes` begins with that are of `kind`, looking at four in one step.
#[inline]
pub(in crate::h1) fn run_len(bytes: &[u8], kinds: &[u8; 256], kind: u8) -> usize {
    let of = |octet: u8| kinds[usize::from(octet)];
    let (fours, _) = bytes.as_chunks::<4>();
    let mut len = 0;
    for [a, b, c, d] in fours {
        if of(*a) & of(*b) & of(*c) & of(*d) & kind == 0 {
            break;
        }
        len += 4;
    }
    while len < bytes.len() && of(bytes[len]) & kind != 0 {
        len += 1;
    }
    len
}

/// Returns how many octets of a field value `bytes` begins with: everything but controls, tabs
/// excepted (RFC 9110 §5.5).
///
/// Eight octets are looked at in one step: values are most of what a head consists of.
#[inline]
pub(super) fn value_len(bytes: &[u8]) -> usize {
    let mut at = 0;
    loop {
        at += len_without_controls(&bytes[at..]);
        if bytes.get(at) != Some(&b'\t') {
            return at;
        }
        at += 1;
    }
}

#[inline]
fn len_without_controls(bytes: &[u8]) -> usize {
    let (words, rest) = bytes.as_chunks::<8>();
    for (index, word) in words.iter().enumerate() {
        let controls = controls(u64::from_le_bytes(*word));
        if controls != 0 {
            return index * 8 + controls.trailing_zeros() as usize / 8;
        }
    }
    let end = rest.iter().position(|octet| matches!(octet, 0..=31 | 127));
    end.map_or(bytes.len(), |end| words.len() * 8 + end)
}

/// Sets the high bit of every octet of `word` that is below 0x20 or 0x7f. Above the lowest such
/// octet others may be set by the borrow; only the lowest is used.
#[inline]
fn controls(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = ONES * 0x80;
    let low = word.wrapping_sub(ONES * 0x20) & !word;
    let delete = word ^ (ONES * 0x7f);
    let delete = delete.wrapping_sub(ONES) & !delete;
    (low | delete) & HIGHS
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::headers::{is_field_octet, is_token};

    #[test]
    fn every_octet_ends_what_it_cannot_be_part_of_at_every_offset() {
        for octet in 0..=255u8 {
            for before in 0..20 {
                let mut bytes = vec![b'x'; before];
                bytes.push(octet);
                bytes.extend_from_slice(b"yyyyyyyyyy");
                let whole = bytes.len();
                let end = |ok| if ok { whole } else { before };
                assert_eq!(
                    value_len(&bytes),
                    end(is_field_octet(octet)),
                    "{octet} at {before}"
                );
                assert_eq!(
                    token_len(&bytes),
                    end(is_token(octet)),
                    "{octet} at {before}"
                );
                let target = octet.is_ascii_graphic() && octet != b'#';
                assert_eq!(target_len(&bytes), end(target), "{octet} at {before}");
                let path = target && octet != b'?';
                assert_eq!(path_len(&bytes), end(path), "{octet} at {before}");
            }
        }
    }

    #[test]
    fn tabs_and_controls_next_to_each_other_are_told_apart() {
        assert_eq!(value_len(b"\t\t\t\t\t\t\t\t\t\ta\r"), 11);
        assert_eq!(value_len(b"\t\0aaaaaaaa"), 1);
        assert_eq!(value_len(b"aaaaaaa\t\t\x7f"), 9);
        assert_eq!(value_len(b""), 0);
    }
}
