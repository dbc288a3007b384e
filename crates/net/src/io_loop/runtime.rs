//! The runtime under a loop, and how it is taken down.

use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::runtime::{Builder, Handle, LocalRuntime};

use super::state::LoopState;

/// A loop was made in this process. A fork would share kernel objects with the children from then
/// on: the loop's own, and after it is gone the pipe of the runtime's signal handlers, through which
/// one process would be woken for the signal of another.
static LOOP_WAS_MADE: AtomicBool = AtomicBool::new(false);

/// Tells whether a loop was ever made in this process.
pub(crate) fn loop_was_made() -> bool {
    LOOP_WAS_MADE.load(Ordering::Relaxed)
}

/// The runtime of one loop.
#[derive(Debug)]
pub(super) struct Runtime {
    /// `None` only while it is dropped.
    inner: Option<LocalRuntime>,
    state: Rc<LoopState>,
}

impl Runtime {
    pub(super) fn build(builder: &mut Builder) -> io::Result<Self> {
        LOOP_WAS_MADE.store(true, Ordering::Relaxed);
        let runtime = builder.enable_all().build_local(Default::default())?;
        let state = {
            // The loop's clock is the runtime's, which a test may have paused.
            let _context = runtime.enter();
            LoopState::new()
        };
        Ok(Self {
            inner: Some(runtime),
            state,
        })
    }

    #[inline]
    pub(super) fn get(&self) -> &LocalRuntime {
        self.inner
            .as_ref()
            .expect("the runtime is there until the loop is dropped")
    }

    pub(super) fn state(&self) -> &Rc<LoopState> {
        &self.state
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        let _current = self.state.enter();
        self.state.clear();
        let Some(runtime) = self.inner.take() else {
            return;
        };
        if Handle::try_current().is_ok() {
            // Inside a task of another loop: waiting for threads is not allowed there.
            runtime.shutdown_background();
        } else {
            drop(runtime);
        }
    }
}
