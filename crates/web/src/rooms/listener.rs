//! Members that are no WebSockets: event streams and long polls.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::{Poll, Waker};

use super::config::RoomsConfig;
use super::error::RoomError;
use super::history::{CatchUp, Recorded};
use super::position::Position;
use super::room::{Past, Room};

/// Hears what is sent to a room. It counts as a member until it is dropped.
///
/// What it has not taken waits in a bounded queue (`max_listener_messages`, `max_listener_size`); when
/// that is full the oldest messages go, and it is told how many it missed.
///
/// # Examples
///
/// A long poll:
///
/// ```
/// use waterspout::{Context, Json, Position, Result, Rooms};
///
/// async fn news(cx: &mut Context<Rooms>) -> Result<Json<Vec<String>>> {
///     let seen = cx.argument("after").ok();
///     let seen: Option<Position> = seen.map(|text| text.parse()).transpose()?;
///     let (mut listener, _complete) = cx.app().room("news")?.listen_after(seen)?;
///     let heard = cx.until_drain(listener.recv_all()).await;
///     let messages = heard.map_or(Vec::new(), |heard| heard.messages);
///     Ok(Json(messages.iter().map(|recorded| recorded.message.to_message().to_string()).collect()))
/// }
/// ```
pub struct Listener {
    room: Room,
    tag: u64,
    ear: Rc<Ear>,
    /// The place after what was taken last.
    position: Position,
}

/// What a [`Listener`] hears.
#[derive(Debug, Clone)]
pub enum Heard {
    /// A message.
    Message(Recorded),
    /// So many messages were sent that it did not get, since it took too long.
    Missed(u64),
}

/// What waits for a listener.
#[derive(Default)]
pub(super) struct Ear {
    queue: RefCell<VecDeque<Recorded>>,
    octets: Cell<usize>,
    missed: Cell<u64>,
    task: RefCell<Option<Waker>>,
}

impl Ear {
    /// Adds a message, and drops the oldest for it where there is no room.
    pub(super) fn hear(&self, recorded: Recorded, config: &RoomsConfig) {
        let mut queue = self.queue.borrow_mut();
        let mut octets = self.octets.get() + recorded.message.len();
        queue.push_back(recorded);
        while queue.len() > config.max_listener_messages.max(1)
            || octets > config.max_listener_size && queue.len() > 1
        {
            let Some(oldest) = queue.pop_front() else {
                break;
            };
            octets -= oldest.message.len();
            self.missed.set(self.missed.get() + 1);
        }
        self.octets.set(octets);
        drop(queue);
        if let Some(task) = self.task.take() {
            task.wake();
        }
    }

    fn take(&self) -> Option<Heard> {
        let missed = self.missed.take();
        if missed > 0 {
            return Some(Heard::Missed(missed));
        }
        let recorded = self.queue.borrow_mut().pop_front()?;
        self.octets.set(self.octets.get() - recorded.message.len());
        Some(Heard::Message(recorded))
    }
}

impl Listener {
    pub(super) fn enter(
        room: &Room,
        name: Option<&str>,
        past: Past,
    ) -> Result<(Self, bool), RoomError> {
        let tag = room.0.admit(name)?;
        let (after, wanted) = match past {
            Past::Nothing => (None, false),
            Past::After(position) => (position, true),
        };
        let caught = room.0.catch_up(after);
        let ear = Rc::new(Ear::default());
        let mut position = caught.position;
        if wanted {
            position = after.filter(|_| caught.complete).unwrap_or(position);
            let octets = caught
                .messages
                .iter()
                .map(|recorded| recorded.message.len());
            ear.octets.set(octets.sum());
            ear.queue.replace(caught.messages.into());
        }
        room.0.add_ear(tag, Rc::clone(&ear));
        let listener = Self {
            room: room.clone(),
            tag,
            ear,
            position,
        };
        Ok((listener, caught.complete))
    }

    /// Returns the room.
    #[must_use]
    pub fn room(&self) -> &Room {
        &self.room
    }

    /// Returns the place after what was taken last: who begins there again misses nothing.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }

    /// Waits for the next message.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no message is lost.
    pub async fn recv(&mut self) -> Heard {
        poll_fn(|cx| match self.try_recv() {
            Some(heard) => Poll::Ready(heard),
            None => {
                self.ear.task.replace(Some(cx.waker().clone()));
                Poll::Pending
            }
        })
        .await
    }

    /// Returns the next message if it is there.
    pub fn try_recv(&mut self) -> Option<Heard> {
        let heard = self.ear.take();
        if let Some(Heard::Message(recorded)) = &heard {
            self.position = recorded.position;
        }
        heard
    }

    /// Waits until there are messages, and takes all of them.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: no message is lost.
    pub async fn recv_all(&mut self) -> CatchUp {
        let mut messages = Vec::new();
        let mut complete = true;
        let mut heard = Some(self.recv().await);
        while let Some(next) = heard {
            match next {
                Heard::Message(recorded) => messages.push(recorded),
                Heard::Missed(_) => complete = false,
            }
            heard = self.try_recv();
        }
        CatchUp {
            messages,
            complete,
            position: self.position,
        }
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.room.0.remove_ear(self.tag);
        self.room.0.release(self.tag);
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Listener")
            .field("room", &self.room.name())
            .field("position", &self.position)
            .finish_non_exhaustive()
    }
}
