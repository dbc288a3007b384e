//! One look-up for all who ask for the same at the same time.

use std::cell::RefCell;
use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};

use super::{ResolveError, Resolving};

type Found = Result<Vec<SocketAddr>, ResolveError>;

/// A look-up under way. Whoever is polled polls it, so it goes on when one of those who wait leaves,
/// and is dropped with the last.
pub(super) struct Flight {
    state: RefCell<State>,
    waiting: Arc<Waiting>,
}

enum State {
    Flying(Resolving<'static>),
    Landed(Found),
}

/// Wakes all who wait. A waker may be called from any thread, hence the lock.
#[derive(Default)]
struct Waiting(Mutex<Places>);

#[derive(Default)]
struct Places {
    next: u64,
    wakers: HashMap<u64, Waker>,
}

impl Flight {
    pub(super) fn new(look_up: Resolving<'static>) -> Self {
        Self {
            state: RefCell::new(State::Flying(look_up)),
            waiting: Arc::default(),
        }
    }

    /// Returns a place for one more who waits.
    pub(super) fn board(&self) -> u64 {
        let mut places = self.waiting.places();
        places.next += 1;
        places.next
    }

    pub(super) fn leave(&self, place: u64) {
        self.waiting.places().wakers.remove(&place);
    }

    pub(super) fn poll(&self, place: u64, cx: &Context<'_>) -> Poll<Found> {
        let mut state = self.state.borrow_mut();
        let look_up = match &mut *state {
            State::Landed(found) => return Poll::Ready(again(found)),
            State::Flying(look_up) => look_up,
        };
        let waker = cx.waker().clone();
        self.waiting.places().wakers.insert(place, waker);
        let all = Waker::from(Arc::clone(&self.waiting));
        match look_up.as_mut().poll(&mut Context::from_waker(&all)) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(found) => {
                let own = again(&found);
                *state = State::Landed(found);
                all.wake();
                Poll::Ready(own)
            }
        }
    }
}

fn again(found: &Found) -> Found {
    match found {
        Ok(addresses) => Ok(addresses.clone()),
        Err(error) => Err(error.again()),
    }
}

impl Waiting {
    fn places(&self) -> MutexGuard<'_, Places> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Wake for Waiting {
    fn wake(self: Arc<Self>) {
        let wakers = std::mem::take(&mut self.places().wakers);
        wakers.into_values().for_each(Waker::wake);
    }
}
