//! How many members rooms have in other processes, and telling them about ours.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::hub::Hub;
use super::packet::Packet;

/// What other processes have said of their members, and what they have not been told.
#[derive(Debug, Default)]
pub(super) struct Elsewhere {
    counts: Mutex<HashMap<Box<str>, Counts>>,
    changed: Mutex<HashSet<Arc<str>>>,
}

/// Processes and their members.
type Counts = Vec<(u64, u32)>;

impl Elsewhere {
    /// Notes the members of a room in a process. Of more rooms than `limit` nothing is noted.
    pub(super) fn note(&self, room: &str, node: u64, members: u32, limit: usize) {
        let mut counts = lock(&self.counts);
        if !counts.contains_key(room) {
            if members == 0 || counts.len() >= limit {
                return;
            }
            counts.insert(room.into(), Vec::new());
        }
        let Some(nodes) = counts.get_mut(room) else {
            return;
        };
        nodes.retain(|(known, _)| *known != node);
        if members > 0 {
            nodes.push((node, members));
        } else if nodes.is_empty() {
            counts.remove(room);
        }
    }

    pub(super) fn members(&self, room: &str) -> usize {
        let counts = lock(&self.counts);
        let nodes = counts.get(room).map_or(&[][..], Vec::as_slice);
        nodes.iter().map(|(_, members)| *members as usize).sum()
    }

    pub(super) fn forget(&self, node: u64) {
        lock(&self.counts).retain(|_, nodes| {
            nodes.retain(|(known, _)| *known != node);
            !nodes.is_empty()
        });
    }
}

impl Hub {
    /// Notes that the number of members has changed; true if somebody is to announce it in a while.
    pub(super) fn note_change(&self, room: &Arc<str>) -> bool {
        if self.backplane.is_none() {
            return false;
        }
        let mut changed = lock(&self.elsewhere.changed);
        let is_first = changed.is_empty();
        changed.insert(Arc::clone(room));
        is_first
    }

    /// Tells other processes what has changed.
    pub(super) fn announce_changes(&self) {
        let changed = std::mem::take(&mut *lock(&self.elsewhere.changed));
        for room in changed {
            self.announce(&room, self.members_here(&room));
        }
    }

    /// Tells other processes of all rooms, for one that has just come.
    pub(super) fn announce_all(&self) {
        for (room, members) in self.counts() {
            if members > 0 {
                self.announce(&room, members);
            }
        }
    }

    fn announce(&self, room: &str, members: usize) {
        let Some(backplane) = &self.backplane else {
            return;
        };
        let packet = Packet::count(self.node(), room, members);
        if let Err(error) = backplane.publish(packet) {
            tracing::debug!("members of a room are not announced: {error}");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
