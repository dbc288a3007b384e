//! The loop's pools of input and output buffers.
//!
//! An idle connection owns no buffer: a stream takes one when bytes arrive or are written, and gives
//! it back as soon as nothing is left in it. On one thread the pool is then about as large as the
//! number of handlers that are suspended in the middle of a request.

use crate::{Aging, Shelf};

/// Size of a pooled buffer in bytes.
pub const BUFFER_SIZE: usize = 16 * 1024;

/// Keeps free buffers of one loop for reuse, bounded in number and aged by the loop's clock.
#[derive(Debug, Default)]
pub struct BufferPool {
    inputs: Shelf<Box<[u8]>>,
    outputs: Shelf<Vec<u8>>,
}

impl BufferPool {
    /// Takes an initialised block of [`BUFFER_SIZE`] bytes for input.
    #[inline]
    #[must_use]
    pub fn take_input(&self) -> Box<[u8]> {
        self.inputs
            .take()
            .unwrap_or_else(|| vec![0; BUFFER_SIZE].into_boxed_slice())
    }

    /// Gives an input block back. One of another size is freed.
    #[inline]
    pub fn give_input(&self, block: Box<[u8]>) {
        if block.len() == BUFFER_SIZE {
            self.inputs.give(block);
        }
    }

    /// Takes an empty vector with room for [`BUFFER_SIZE`] bytes of output.
    #[inline]
    #[must_use]
    pub fn take_output(&self) -> Vec<u8> {
        self.outputs
            .take()
            .unwrap_or_else(|| Vec::with_capacity(BUFFER_SIZE))
    }

    /// Gives an output vector back. One that has grown is freed.
    #[inline]
    pub fn give_output(&self, mut buffer: Vec<u8>) {
        if buffer.capacity() == BUFFER_SIZE {
            buffer.clear();
            self.outputs.give(buffer);
        }
    }

    /// Returns how many free buffers are kept, inputs and outputs.
    #[must_use]
    pub fn free(&self) -> (usize, usize) {
        (self.inputs.len(), self.outputs.len())
    }
}

impl Aging for BufferPool {
    fn age(&self) -> bool {
        let inputs = self.inputs.age();
        self.outputs.age() || inputs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_back_the_buffer_it_was_given() {
        let pool = BufferPool::default();
        let block = pool.take_input();
        assert_eq!(block.len(), BUFFER_SIZE);
        pool.give_input(block);
        assert_eq!(pool.free(), (1, 0));
        let _block = pool.take_input();
        assert_eq!(pool.free(), (0, 0));
    }

    #[test]
    fn frees_a_buffer_that_has_grown() {
        let pool = BufferPool::default();
        let mut buffer = pool.take_output();
        buffer.resize(BUFFER_SIZE + 1, 0);
        pool.give_output(buffer);
        assert_eq!(pool.free(), (0, 0));
    }

    #[test]
    fn ages_to_nothing_when_nobody_takes() {
        let pool = BufferPool::default();
        let blocks: Vec<_> = (0..100).map(|_| pool.take_input()).collect();
        blocks.into_iter().for_each(|block| pool.give_input(block));
        for _ in 0..10 {
            pool.age();
        }
        assert_eq!(pool.free(), (0, 0));
    }
}
