//! net
mod io_loop;
mod io_stream;
mod pool;

pub use io_loop::{Deadline, LoopState, TICK, ticks};
pub use io_stream::{IoStream, StreamConfig, StreamError};
pub use pool::{BUFFER_SIZE, BufferPool};
