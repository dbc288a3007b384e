//! Masking of payloads (RFC 6455 §5.3).

use std::cell::RefCell;

/// Keys are taken from octets of the system, so many at a time.
const POOL: usize = 256;

thread_local! {
    static KEYS: RefCell<Keys> = const { RefCell::new(Keys { pool: [0; POOL], used: POOL }) };
}

/// Random octets of a thread, each used once.
struct Keys {
    pool: [u8; POOL],
    used: usize,
}

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
// A short message is unmasked in its place: a call would cost more than the work.
#[inline(always)]
pub fn apply(payload: &mut [u8], key: [u8; 4], offset: usize) {
    let mut key = key;
    key.rotate_left(offset % 4);
    // Twice the key, in whichever order the octets of a word are.
    let wide = u64::from(u32::from_ne_bytes(key)) * 0x1_0000_0001;
    let (words, rest) = payload.as_chunks_mut::<8>();
    for word in words {
        *word = (u64::from_ne_bytes(*word) ^ wide).to_ne_bytes();
    }
    for (octet, mask) in rest.iter_mut().zip(key.iter().cycle()) {
        *octet ^= mask;
    }
}

/// Returns a fresh key that nobody can foresee (RFC 6455 §10.3).
///
/// # Panics
///
/// Panics if the system gives no random octets.
#[must_use]
pub fn random_key() -> [u8; 4] {
    KEYS.with_borrow_mut(|keys| {
        if keys.used == POOL {
            getrandom::fill(&mut keys.pool).expect("the system gives random octets");
            keys.used = 0;
        }
        let mut key = [0; 4];
        key.copy_from_slice(&keys.pool[keys.used..keys.used + 4]);
        keys.used += 4;
        key
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_from_frame_to_frame() {
        // CVE-2025-10148 of curl: one key for a whole connection.
        let mut keys: Vec<[u8; 4]> = (0..200).map(|_| random_key()).collect();
        keys.sort_unstable();
        keys.dedup();
        assert!(keys.len() > 195, "{}", keys.len());
    }

    #[test]
    fn agrees_with_the_definition_at_every_length_and_offset() {
        // CVE-2026-49854: Tornado's read three octets beyond the end.
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
