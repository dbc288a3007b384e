//! The memory of texts, used again.
//!
//! What a handler sends is copied into a frame, and its memory is free. The next text that comes on this
//! thread takes it, so that messages go in and out without the allocator.

use std::cell::Cell;

/// Memory that is kept at the most, in octets: longer texts are sent without a copy.
const KEPT: usize = 4 * 1024;

thread_local! {
    static SPARE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Copies octets, into the memory that is kept if they fit and do not waste most of it: a handler may
/// hold on to them.
#[inline(always)]
pub(super) fn copy(octets: &[u8]) -> Vec<u8> {
    let mut copied = SPARE.take();
    if copied.capacity() < octets.len() || copied.capacity() / 4 > octets.len() {
        return octets.to_vec();
    }
    copied.extend_from_slice(octets);
    copied
}

/// Keeps the memory of a text that nobody needs any more.
#[inline]
pub(super) fn keep(text: String) {
    let mut octets = text.into_bytes();
    if octets.capacity() <= KEPT {
        octets.clear();
        SPARE.set(octets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_kept_is_used_once_and_holds_nothing_of_before() {
        let text = "before, and longer".to_owned();
        let memory = text.as_ptr();
        keep(text);
        let (first, second) = (copy(b"text then"), copy(b"text then"));
        assert_eq!((first.as_ptr(), &first[..]), (memory, &b"text then"[..]));
        assert_ne!(second.as_ptr(), memory);
    }

    #[test]
    fn a_short_message_does_not_hold_much_memory_nor_a_long_one_overflow_it() {
        keep(String::with_capacity(KEPT));
        assert!(copy(b"short").capacity() < KEPT);
        keep(String::with_capacity(KEPT + 1));
        assert_eq!(copy(b"x").capacity(), 1);
        keep(String::with_capacity(8));
        assert_eq!(copy(&[7; 100]), [7; 100]);
    }
}
