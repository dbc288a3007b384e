//! The input buffer of a stream.

use crate::pool::{BUFFER_SIZE, BufferPool};

/// Bytes that were read and not consumed yet.
///
/// ```text
///   block: [ consumed | buffered ........ | room ........ ]
///                     ^start              ^end            ^block.len()
/// ```
/// Empty (`start == end`) means that there may be no block at all: an idle stream owns none.
#[derive(Debug, Default)]
pub(crate) struct Input {
    block: Option<Box<[u8]>>,
    start: usize,
    end: usize,
}

impl Input {
    #[inline]
    pub(crate) fn buffered(&self) -> &[u8] {
        self.block
            .as_deref()
            .map_or(&[], |block| &block[self.start..self.end])
    }

    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "TLS is a feature"))]
    pub(crate) fn buffered_mut(&mut self) -> &mut [u8] {
        match &mut self.block {
            Some(block) => &mut block[self.start..self.end],
            None => &mut [],
        }
    }

    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.end - self.start
    }

    /// Forgets the first `count` buffered octets.
    ///
    /// # Panics
    ///
    /// Panics if fewer are buffered.
    #[inline]
    pub(crate) fn consume(&mut self, count: usize) {
        assert!(count <= self.len(), "consumed more than is buffered");
        self.start += count;
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
        }
    }

    /// Returns room to read into: the rest of the block, a fresh block, or one of twice the size.
    #[inline(always)]
    pub(crate) fn room(&mut self, pool: &BufferPool) -> &mut [u8] {
        match &self.block {
            None => self.block = Some(pool.take_input()),
            Some(block) if self.end == block.len() => self.make_room(pool),
            Some(_) => {}
        }
        &mut self.block.get_or_insert_default()[self.end..]
    }

    /// Makes room in a block that is full: in front, or a larger one.
    fn make_room(&mut self, pool: &BufferPool) {
        let Some(mut block) = self.block.take() else {
            return;
        };
        if self.start >= block.len() / 2 {
            block.copy_within(self.start..self.end, 0);
        } else {
            let mut larger = Vec::with_capacity(block.len().max(BUFFER_SIZE) * 2);
            larger.extend_from_slice(&block[self.start..self.end]);
            larger.resize(larger.capacity(), 0);
            pool.give_input(std::mem::replace(&mut block, larger.into_boxed_slice()));
        }
        self.end -= self.start;
        self.start = 0;
        self.block = Some(block);
    }

    /// Counts `count` octets of [`room`](Self::room) as read.
    #[inline]
    pub(crate) fn filled(&mut self, count: usize) {
        self.end += count;
        debug_assert!(
            self.block
                .as_ref()
                .is_some_and(|block| self.end <= block.len())
        );
    }

    /// Gives the block back if nothing is left in it.
    #[inline]
    pub(crate) fn release(&mut self, pool: &BufferPool) {
        if self.start == self.end
            && let Some(block) = self.block.take()
        {
            self.start = 0;
            self.end = 0;
            pool.give_input(block);
        }
    }
}
