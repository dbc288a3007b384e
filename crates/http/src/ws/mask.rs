//! Masking of payloads (RFC 6455 §5.3).

/// Masks or unmasks `payload`, whose first octet is the one at `offset` of its frame.
///
/// # Examples
///
/// ```
/// use waterspout_http::ws::mask::apply;
///
/// let mut payload = *b"Hello";
/// apply(&mut payload, [0x37, 0xfa, 0x21, 0x3d], 0);
/// assert_eq!(payload, [0x7f, 0x9f, 0x4d, 0x51, 0x58]);
/// ```
#[inline]
pub fn apply(payload: &mut [u8], key: [u8; 4], offset: usize) {
    let mut key = key;
    key.rotate_left(offset % 4);
    let [a, b, c, d] = key;
    let wide = u64::from_ne_bytes([a, b, c, d, a, b, c, d]);
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (octet, mask) in rest.iter_mut().zip(key.iter().cycle()) {
        *octet ^= mask;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_definition_at_every_length_and_offset() {
        let key = [1, 2, 4, 8];
        for len in 0..70 {
            for offset in 0..9 {
                let mut payload: Vec<u8> = (0..len).map(|n| n * 3).collect();
                let wanted: Vec<u8> = payload
                    .iter()
                    .enumerate()
                    .map(|(at, octet)| octet ^ key[(at + offset) % 4])
                    .collect();
                apply(&mut payload, key, offset);
                assert_eq!(payload, wanted);
            }
        }
    }
}
