//! Which loop runs on this thread.

use std::cell::RefCell;

use super::IoLoop;
use super::state::EnterGuard;
use super::watchdog;

thread_local! {
    static CURRENT: RefCell<Option<IoLoop>> = const { RefCell::new(None) };
}

pub(super) fn get() -> Option<IoLoop> {
    CURRENT.with_borrow(Clone::clone)
}

/// Makes `io_loop` and its resources the current ones of this thread until the guard is dropped.
pub(super) fn enter(io_loop: &IoLoop) -> Running {
    let state = io_loop.state().enter();
    Running {
        previous: CURRENT.replace(Some(io_loop.clone())),
        _state: state,
        _run: watchdog::enter(io_loop.state()),
    }
}

/// Restores the loop that was current before.
#[derive(Debug)]
pub(super) struct Running {
    previous: Option<IoLoop>,
    _state: EnterGuard,
    _run: watchdog::Run,
}

impl Drop for Running {
    fn drop(&mut self) {
        let current = CURRENT.replace(self.previous.take());
        drop(current);
    }
}
