//! Which rooms there are, and for how long.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, MutexGuard, PoisonError};

use tokio::time::Instant;

use super::error::RoomError;
use super::hub::Hub;
use super::hub_room::{HubRoom, Use};
use super::mailbox::Mailbox;

/// The rooms of a process.
#[derive(Default)]
pub(super) struct Known {
    pub(super) rooms: HashMap<Arc<str>, Arc<HubRoom>>,
    /// Rooms that are kept for their history, since when.
    remembered: VecDeque<(Instant, Arc<HubRoom>)>,
}

impl Hub {
    /// Returns a room, and has `worker` hear what is sent there.
    pub(super) fn open(
        &self,
        name: &str,
        worker: &Arc<Mailbox>,
    ) -> Result<Arc<HubRoom>, RoomError> {
        self.check(name)?;
        // The worker is attached while the table is locked, so that nobody closes the room between.
        self.with_room(name, |room| room.attach(worker))
    }

    pub(super) fn find_or_make(&self, name: &str) -> Result<(), RoomError> {
        let room = self.with_room(name, |_| ())?;
        if room.in_use() != Use::Open {
            self.remember(&mut self.known(), room);
        }
        Ok(())
    }

    fn with_room(
        &self,
        name: &str,
        look: impl FnOnce(&HubRoom),
    ) -> Result<Arc<HubRoom>, RoomError> {
        let mut known = self.known();
        self.expire(&mut known);
        if let Some(room) = known.rooms.get(name) {
            look(room);
            return Ok(Arc::clone(room));
        }
        if known.rooms.len() >= self.config.max_rooms && !known.drop_oldest() {
            return Err(RoomError::full("max_rooms", self.config.max_rooms));
        }
        let room = Arc::new(HubRoom::new(name.into()));
        look(&room);
        known
            .rooms
            .insert(Arc::clone(&room.name), Arc::clone(&room));
        Ok(room)
    }

    /// Ends that a worker hears what is sent; returns whether the room stays for its history.
    pub(super) fn close(&self, room: &Arc<HubRoom>, worker: &Arc<Mailbox>) -> bool {
        let mut known = self.known();
        match room.detach(worker) {
            Use::Open => false,
            Use::None => {
                known.remove(room);
                false
            }
            Use::Remembered => {
                self.remember(&mut known, Arc::clone(room));
                true
            }
        }
    }

    fn remember(&self, known: &mut Known, room: Arc<HubRoom>) {
        if room.line_up() {
            known.remembered.push_back((Instant::now(), room));
        }
        self.expire(known);
    }

    /// Forgets rooms whose time is over; returns whether some are still to come.
    pub(super) fn forget_old(&self) -> bool {
        let mut known = self.known();
        self.expire(&mut known);
        !known.remembered.is_empty()
    }

    fn expire(&self, known: &mut Known) {
        let ttl = self.config.history_ttl;
        while let Some((since, _)) = known.remembered.front()
            && since.elapsed() >= ttl
            && let Some((_, room)) = known.remembered.pop_front()
        {
            match room.step_out() {
                // Somebody had come back, and has left again since.
                Some(left) if left.elapsed() < ttl => {
                    room.step_back();
                    known.remembered.push_back((left, room));
                }
                Some(_) => known.remove(&room),
                None => {}
            }
        }
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.rooms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Known {
    /// Forgets a room that nobody is in, of those that are kept for their history.
    fn drop_oldest(&mut self) -> bool {
        while let Some((_, room)) = self.remembered.pop_front() {
            if room.step_out().is_some() {
                self.remove(&room);
                return true;
            }
        }
        false
    }

    fn remove(&mut self, room: &HubRoom) {
        self.rooms.remove(&room.name);
        self.shrink();
    }

    /// Gives memory back after a peak.
    fn shrink(&mut self) {
        if self.rooms.capacity() > 1024 && self.rooms.len() < self.rooms.capacity() / 8 {
            self.rooms.shrink_to_fit();
        }
    }
}
