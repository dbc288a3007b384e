//! A WebSocket in a room.

use std::fmt;
use std::ops::Deref;
use std::rc::Rc;

use waterspout_http::ws::{Message, Prepared, Seat, Sender};

use super::error::RoomError;
use super::history::CatchUp;
use super::position::Position;
use super::room::Room;

/// The membership of a WebSocket in a room, which is used like the [`Room`].
///
/// The socket leaves when the last clone is dropped, and when it closes, whoever still holds a clone.
#[derive(Clone)]
#[must_use = "the WebSocket leaves the room when this is dropped"]
pub struct Member(Rc<Place>);

struct Place {
    room: Room,
    seat: Seat,
    tag: u64,
}

impl Member {
    pub(super) fn enter(
        room: &Room,
        sender: &Sender,
        name: Option<&str>,
        after: Option<Position>,
    ) -> Result<(Self, CatchUp), RoomError> {
        let tag = room.0.admit(name)?;
        // What was sent before, on other workers too, is for those who are there already.
        let caught = room.0.catch_up(after);
        let Some(seat) = room.0.group.join(sender, tag) else {
            room.0.release(tag);
            return Err(RoomError::closed());
        };
        let place = Place {
            room: room.clone(),
            seat,
            tag,
        };
        Ok((Self(Rc::new(place)), caught))
    }

    /// Sends a message to all members but this one.
    ///
    /// # Errors
    ///
    /// As [`Room::send`].
    pub fn send_others(&self, message: impl Into<Message>) -> Result<(), RoomError> {
        let room = &self.0.room.0;
        room.send(Prepared::new(message), None, Some(self.0.tag))
    }

    /// Leaves the room, whoever still holds a clone.
    pub fn leave(&self) {
        self.0.leave();
    }
}

impl Place {
    fn leave(&self) {
        if self.room.0.group.leave(self.seat) {
            self.room.0.release(self.tag);
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}

impl Deref for Member {
    type Target = Room;

    fn deref(&self) -> &Room {
        &self.0.room
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member")
            .field("room", &self.name())
            .finish_non_exhaustive()
    }
}
