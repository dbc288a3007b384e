//! A single-threaded event loop, non-blocking streams, servers and worker processes.

#![deny(unsafe_code)]

mod io_loop;
mod io_stream;
mod pool;
mod process;
mod shelf;
mod tcp;

pub use io_loop::{
    Deadline, InvalidPeriod, IoLoop, LoopHandle, LoopState, Outcome, PeriodicCallback,
    ShutdownSignal, ShutdownSignals, TICK, TimedOut, TimeoutHandle, shutdown_signal, ticks,
};
pub use io_stream::{IoStream, StreamConfig, StreamError};
pub use pool::{BUFFER_SIZE, BufferPool};
pub use process::{
    ForkError, ForkOutcome, MAX_RESTARTS, cpu_count, fork_processes, open_files_limit, task_id,
};
pub use shelf::Shelf;
pub use tcp::{
    BindOptions, BoundAddr, BoundSocket, Family, Listener, PeerAddr, TcpServer, bind_sockets,
    bind_unix_socket,
};
