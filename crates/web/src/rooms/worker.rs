//! The rooms as one worker uses them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::runtime::Handle;

use super::config::RoomsConfig;
use super::error::RoomError;
use super::hub::{Hub, RoomHub};
use super::mailbox::{Delivery, Mailbox};
use super::member::Member;
use super::room::{OpenRoom, Room};
use crate::websocket::WebSocket;

/// The rooms of a worker: topics by name, which WebSockets join.
///
/// It stands in the state of the application. With several workers, each takes its own from one
/// [`RoomHub`]; what is sent on one reaches the members on all. A room begins to exist when somebody
/// asks for it, and is gone when nobody holds it any more.
///
/// # Examples
///
/// ```
/// use waterspout::{Application, Result, Rooms, WebSocket};
///
/// #[derive(Default)]
/// struct Site {
///     rooms: Rooms,
/// }
///
/// async fn chat(ws: &mut WebSocket<Site>) -> Result {
///     let name: String = ws.path("room")?;
///     let room = ws.app().rooms.join(&name, ws)?; // leaves when it is dropped, or when `ws` closes
///     while let Some(message) = ws.recv().await? {
///         room.send(message)?;
///     }
///     Ok(())
/// }
///
/// let app = Application::new(Site::default()).websocket("/chat/{room}", chat);
/// # drop(app);
/// ```
#[derive(Clone)]
pub struct Rooms(Rc<Worker>);

pub(super) struct Worker {
    pub(super) hub: Arc<Hub>,
    pub(super) mailbox: Arc<Mailbox>,
    rooms: RefCell<HashMap<Arc<str>, Weak<OpenRoom>>>,
    /// The task that works the mailbox off is there.
    reading: Cell<bool>,
    /// The task that forgets rooms is there.
    forgetting: Cell<bool>,
}

/// Changes of the number of members are told to other processes this much later, and together.
const ANNOUNCE_AFTER: Duration = Duration::from_millis(100);

/// Time between two looks for rooms that are to be forgotten, at the least.
const FORGET_EVERY: Duration = Duration::from_secs(1);

impl Rooms {
    /// Makes the rooms of a process with one worker, with the default limits and without history.
    #[must_use]
    pub fn new() -> Self {
        RoomHub::new().rooms()
    }

    /// Makes the rooms of a process with one worker.
    #[must_use]
    pub fn with_config(config: RoomsConfig) -> Self {
        RoomHub::with_config(config).rooms()
    }

    pub(super) fn of(hub: Arc<Hub>) -> Self {
        let mailbox = Arc::new(Mailbox::new(hub.config.max_backlog));
        Self(Rc::new(Worker {
            hub,
            mailbox,
            rooms: RefCell::default(),
            reading: Cell::new(false),
            forgetting: Cell::new(false),
        }))
    }

    /// Returns a room, which begins to exist if it does not yet.
    ///
    /// # Errors
    ///
    /// Fails if the name is empty, too long or holds control characters, or if there are too many
    /// rooms.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn room(&self, name: &str) -> Result<Room, RoomError> {
        let known = self.0.rooms.borrow().get(name).and_then(Weak::upgrade);
        if let Some(room) = known {
            return Ok(Room(room));
        }
        self.0.hub.start();
        self.0.read_mailbox();
        let shared = self.0.hub.open(name, &self.0.mailbox)?;
        let name = Arc::clone(&shared.name);
        let room = Rc::new(OpenRoom::new(shared, Rc::clone(&self.0)));
        self.0.rooms.borrow_mut().insert(name, Rc::downgrade(&room));
        Ok(Room(room))
    }

    /// Lets a WebSocket join a room, until the result is dropped or the socket closes.
    ///
    /// # Errors
    ///
    /// As [`room`](Self::room); and if the room is full, or the socket closed.
    ///
    /// # Panics
    ///
    /// Panics if no loop runs on this thread.
    pub fn join<S>(&self, name: &str, ws: &WebSocket<S>) -> Result<Member, RoomError> {
        self.room(name)?.join(ws)
    }

    /// Returns the number of members of a room, on all workers and in other processes, without
    /// making the room.
    #[must_use]
    pub fn members(&self, name: &str) -> usize {
        self.0.hub.members(name)
    }

    /// Returns the number of rooms that this worker has open.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.rooms.borrow().len()
    }

    /// Tells whether this worker has no room open.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Worker {
    /// Starts the task that works the mailbox off.
    fn read_mailbox(self: &Rc<Self>) {
        if self.reading.replace(true) {
            return;
        }
        let (worker, mailbox) = (Rc::downgrade(self), Arc::clone(&self.mailbox));
        tokio::task::spawn_local(poll_fn(move |cx| {
            let open = mailbox.watch(cx.waker());
            match worker.upgrade().filter(|_| open) {
                Some(worker) => {
                    worker.work_off();
                    Poll::Pending
                }
                None => Poll::Ready(()),
            }
        }));
    }

    /// Delivers what lies in the mailbox, in order.
    pub(super) fn work_off(&self) {
        self.deliver(self.mailbox.take());
    }

    pub(super) fn deliver(&self, deliveries: Vec<Delivery>) {
        for delivery in deliveries {
            let room = self
                .rooms
                .borrow()
                .get(&delivery.room.name)
                .and_then(Weak::upgrade);
            if let Some(room) = room {
                room.deliver(&delivery);
            }
        }
    }

    /// Forgets a room that nobody on this worker holds any more.
    pub(super) fn close(&self, room: &OpenRoom) {
        let mut rooms = self.rooms.borrow_mut();
        rooms.remove(&room.shared.name);
        if rooms.capacity() > 1024 && rooms.len() < rooms.capacity() / 8 {
            rooms.shrink_to_fit();
        }
        drop(rooms);
        if self.hub.close(&room.shared, &self.mailbox) {
            self.forget_later();
        }
    }

    /// Starts the task that forgets rooms which are kept for their history, when their time is over.
    fn forget_later(&self) {
        if self.forgetting.get() || Handle::try_current().is_err() {
            return;
        }
        let hub = Arc::downgrade(&self.hub);
        // Whoever asks for a room looks too, so that this need not be often.
        let pause = self.hub.config.history_ttl.max(FORGET_EVERY);
        self.forgetting.set(true);
        tokio::task::spawn_local(async move {
            loop {
                tokio::time::sleep(pause).await;
                match hub.upgrade() {
                    Some(hub) => hub.forget_old(),
                    None => return,
                };
            }
        });
    }
}

/// Has other processes told, in a while, that the number of members has changed.
pub(super) fn announce_later(hub: &Arc<Hub>, room: &Arc<str>) {
    if !hub.note_change(room) {
        return;
    }
    if Handle::try_current().is_err() {
        return hub.announce_changes();
    }
    let announcement = Announcement(Arc::clone(hub));
    tokio::task::spawn_local(async move {
        tokio::time::sleep(ANNOUNCE_AFTER).await;
        drop(announcement);
    });
}

/// Tells what has changed when it is dropped, at the end of its loop at the latest: until then nobody
/// else does.
struct Announcement(Arc<Hub>);

impl Drop for Announcement {
    fn drop(&mut self) {
        self.0.announce_changes();
    }
}

impl Default for Rooms {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.mailbox.close();
    }
}

impl fmt::Debug for Rooms {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rooms")
            .field("open", &self.len())
            .finish_non_exhaustive()
    }
}
