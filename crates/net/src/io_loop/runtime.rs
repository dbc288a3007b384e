//! The runtime under a loop, and how it is taken down.

use std::io;
use std::rc::Rc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::runtime::{Builder, Handle, LocalRuntime};

use super::state::LoopState;

/// Loops that exist in this process. A fork would share their kernel objects with the children.
static LIVE_LOOPS: AtomicUsize = AtomicUsize::new(0);

/// Returns how many loops exist in this process.
pub(crate) fn live_loops() -> usize {
    LIVE_LOOPS.load(Ordering::Acquire)
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
        let runtime = builder.enable_all().build_local(Default::default())?;
        let state = {
            // The loop's clock is the runtime's, which a test may have paused.
            let _context = runtime.enter();
            LoopState::new()
        };
        LIVE_LOOPS.fetch_add(1, Ordering::AcqRel);
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
        let Some(runtime) = self.inner.take() else {
            return;
        };
        if Handle::try_current().is_ok() {
            // Inside a task of another loop: waiting for threads is not allowed there.
            runtime.shutdown_background();
        } else {
            drop(runtime);
        }
        LIVE_LOOPS.fetch_sub(1, Ordering::AcqRel);
    }
}
