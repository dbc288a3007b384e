//! A room as all workers of a process share it.

use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::time::Instant;
use waterspout_http::ws::Prepared;

use super::config::RoomsConfig;
use super::error::RoomError;
use super::history::{CatchUp, Ring};
use super::mailbox::{Delivery, Mailbox};
use super::position::Position;

/// A room of a process: the order of its messages, who is there, which workers have members.
#[derive(Debug)]
pub(super) struct HubRoom {
    pub(super) name: Arc<str>,
    epoch: u64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    history: Ring,
    workers: Vec<Arc<Mailbox>>,
    members: usize,
    /// Names of the members that gave one.
    labels: HashMap<u64, Box<str>>,
    /// When the last worker left it, if that was ever so.
    left: Option<Instant>,
    /// It stands in the line of rooms that are kept for their history.
    queued: bool,
}

/// A message to be sent, and how.
#[derive(Debug)]
pub(super) struct Sending {
    pub(super) message: Prepared,
    pub(super) key: Option<Arc<str>>,
    pub(super) except: Option<u64>,
}

impl HubRoom {
    pub(super) fn new(name: Arc<str>) -> Self {
        Self {
            name,
            // As good as unique, which is all that is asked of it.
            epoch: RandomState::new().build_hasher().finish() >> 16,
            state: Mutex::default(),
        }
    }

    /// Gives a message its place, and puts it into the mailbox of every worker with members. `own` is
    /// that of the sender, which works it off by itself. Returns how many workers lost it.
    pub(super) fn send(
        self: &Arc<Self>,
        sending: Sending,
        own: Option<&Arc<Mailbox>>,
        config: &RoomsConfig,
    ) -> usize {
        let mut state = self.lock();
        let offset = state.history.push(&sending.message, config);
        let delivery = Delivery {
            room: Arc::clone(self),
            offset,
            message: sending.message,
            key: sending.key,
            except: sending.except,
        };
        let mut lost = 0;
        for worker in &state.workers {
            let is_own = own.is_some_and(|own| Arc::ptr_eq(own, worker));
            lost += usize::from(!worker.push(delivery.clone(), !is_own));
        }
        lost
    }

    /// Returns what came after a position, and what this worker has still to deliver: whoever joins
    /// now has it already, and those who are there do not.
    pub(super) fn catch_up(
        &self,
        position: Option<Position>,
        own: &Mailbox,
    ) -> (CatchUp, Vec<Delivery>) {
        let state = self.lock();
        (state.history.after(position, self.epoch), own.take())
    }

    pub(super) fn enter(
        &self,
        tag: u64,
        label: Option<&str>,
        config: &RoomsConfig,
    ) -> Result<(), RoomError> {
        let mut state = self.lock();
        if state.members >= config.max_members {
            return Err(RoomError::full("max_members", config.max_members));
        }
        state.members += 1;
        if let Some(label) = label {
            state.labels.insert(tag, label.into());
        }
        Ok(())
    }

    pub(super) fn leave(&self, tag: u64) {
        let mut state = self.lock();
        state.members = state.members.saturating_sub(1);
        state.labels.remove(&tag);
        if state.labels.is_empty() {
            state.labels = HashMap::new();
        }
    }

    pub(super) fn members(&self) -> usize {
        self.lock().members
    }

    pub(super) fn labels(&self) -> Vec<String> {
        let state = self.lock();
        state
            .labels
            .values()
            .map(|label| (**label).to_owned())
            .collect()
    }

    pub(super) fn position_of(&self, offset: u64) -> Position {
        let epoch = self.epoch;
        Position { epoch, offset }
    }

    pub(super) fn position(&self) -> Position {
        let last = self.lock().history.last();
        self.position_of(last)
    }

    /// Has a worker hear what is sent.
    pub(super) fn attach(&self, worker: &Arc<Mailbox>) {
        self.lock().workers.push(Arc::clone(worker));
    }

    /// Ends that, and tells whether the room is of no use any more, or of use for its history only.
    pub(super) fn detach(&self, worker: &Arc<Mailbox>) -> Use {
        let mut state = self.lock();
        state.workers.retain(|known| !Arc::ptr_eq(known, worker));
        state.use_of()
    }

    /// Notes that nobody is there from now on; true if it is to stand in line.
    pub(super) fn line_up(&self) -> bool {
        let mut state = self.lock();
        state.left = Some(Instant::now());
        !std::mem::replace(&mut state.queued, true)
    }

    /// Takes it out of the line, and returns since when nobody is there, if that is so.
    pub(super) fn step_out(&self) -> Option<Instant> {
        let mut state = self.lock();
        state.queued = false;
        state.left.filter(|_| state.workers.is_empty())
    }

    /// Puts it back into the line.
    pub(super) fn step_back(&self) {
        self.lock().queued = true;
    }

    pub(super) fn in_use(&self) -> Use {
        self.lock().use_of()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn use_of(&self) -> Use {
        match (self.workers.is_empty(), self.history.is_empty()) {
            (false, _) => Use::Open,
            (true, false) => Use::Remembered,
            (true, true) => Use::None,
        }
    }
}

/// What a room is kept for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Use {
    /// Workers have it open.
    Open,
    /// Nobody is there; somebody may come back.
    Remembered,
    None,
}
