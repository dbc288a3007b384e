//! One room on one worker.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;
use std::future::poll_fn;
use std::rc::Rc;
use std::sync::Arc;

use serde::Serialize;
use waterspout_http::ws::{Group, Message, Prepared};

use super::error::RoomError;
use super::history::{CatchUp, Recorded};
use super::hub_room::{HubRoom, Sending};
use super::listener::{Ear, Listener};
use super::mailbox::Delivery;
use super::member::Member;
use super::position::Position;
use super::worker::{Worker, announce_later};
use crate::error::Result;
use crate::websocket::WebSocket;

/// A room: what is sent to it reaches all its members, on every worker and in other processes.
///
/// A message is encoded once, and compressed once for each set of parameters. Members see the messages
/// of a process in one order, whichever worker they came from. A WebSocket that takes nothing has a
/// bounded queue whose policy decides; nobody waits for it: with
/// [`SlowConsumer::Wait`](crate::SlowConsumer::Wait), the default, it is closed with 1013 when its queue
/// is full. [`send_when_ready`](Self::send_when_ready) waits instead.
///
/// The messages of one turn of the loop leave in one write to each member.
///
/// Clones are the same room. Holding one keeps the room open.
#[derive(Clone)]
pub struct Room(pub(super) Rc<OpenRoom>);

pub(super) struct OpenRoom {
    pub(super) shared: Arc<HubRoom>,
    pub(super) group: Group,
    ears: RefCell<HashMap<u64, Rc<Ear>>>,
    pub(super) worker: Rc<Worker>,
}

impl Room {
    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0.shared.name
    }

    /// Sends a message to all members.
    ///
    /// # Errors
    ///
    /// Fails if the backplane does; the members in this process have the message then.
    pub fn send(&self, message: impl Into<Message>) -> Result<(), RoomError> {
        self.0.send(Prepared::new(message), None, None)
    }

    /// Sends a value as JSON text.
    ///
    /// # Errors
    ///
    /// Fails if the value cannot be written as JSON, or as [`send`](Self::send) does.
    pub fn send_json<T: Serialize>(&self, value: &T) -> Result {
        Ok(self.send(serde_json::to_string(value)?)?)
    }

    /// Sends a message that makes those with the same key out of date: in the queue of a slow member
    /// with the policy [`Coalesce`](crate::SlowConsumer::Coalesce) it takes their place.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    pub fn send_keyed(&self, key: &str, message: impl Into<Message>) -> Result<(), RoomError> {
        self.0.send(Prepared::new(message), Some(key), None)
    }

    /// Waits until all WebSockets on this worker whose policy is to wait have room for the message, all at
    /// the same time, and sends it.
    ///
    /// # Errors
    ///
    /// As [`send`](Self::send).
    ///
    /// # Cancel safety
    ///
    /// Cancel safe: the message is sent or not when the future is dropped.
    pub async fn send_when_ready(&self, message: impl Into<Message>) -> Result<(), RoomError> {
        let message = Prepared::new(message);
        poll_fn(|cx| self.0.group.poll_room(cx, message.len())).await;
        self.0.send(message, None, None)
    }

    /// Returns the number of members: WebSockets and listeners, on all workers and in other processes.
    /// Those elsewhere are counted some 100 ms late.
    #[must_use]
    pub fn members(&self) -> usize {
        self.0.worker.hub.members(self.name())
    }

    /// Returns the names of the members of this process that gave one, in no particular order.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.shared.labels()
    }

    /// Returns the place after the last message.
    #[must_use]
    pub fn position(&self) -> Position {
        self.0.shared.position()
    }

    /// Returns what the room remembers after a position, all of it for `None`.
    #[must_use]
    pub fn history(&self, after: Option<Position>) -> CatchUp {
        self.0.catch_up(after)
    }

    /// Lets a WebSocket join, until the result is dropped or the socket closes. It gets what is sent
    /// from now on.
    ///
    /// # Errors
    ///
    /// Fails if the room is full, or the socket closed.
    pub fn join<S>(&self, ws: &WebSocket<S>) -> Result<Member, RoomError> {
        let (member, _) = Member::enter(self, &ws.sender(), None, None)?;
        Ok(member)
    }

    /// Lets a WebSocket join under a name, for [`names`](Self::names). Several may have the same.
    ///
    /// # Errors
    ///
    /// As [`join`](Self::join), and if the name is longer than `max_name_len`.
    pub fn join_as<S>(&self, name: &str, ws: &WebSocket<S>) -> Result<Member, RoomError> {
        let (member, _) = Member::enter(self, &ws.sender(), Some(name), None)?;
        Ok(member)
    }

    /// Lets a WebSocket join under a name, which may be empty, and returns what the room remembers
    /// after a position, all of it for `None`. Between that and what the member gets from now on
    /// nothing is missing, and nothing comes twice.
    ///
    /// The messages are sent by the caller, before its next `await`: nothing can overtake them then.
    ///
    /// # Errors
    ///
    /// As [`join_as`](Self::join_as).
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Result, Rooms, WebSocket};
    ///
    /// async fn chat(ws: &mut WebSocket<Rooms>) -> Result {
    ///     let seen = ws.argument("after")?.and_then(|text| text.parse().ok());
    ///     let (member, past) = ws.app().room("lobby")?.join_after(seen, "", ws)?;
    ///     for recorded in &past.messages {
    ///         ws.sender().try_send_prepared(&recorded.message)?;
    ///     }
    ///     while let Some(message) = ws.recv().await? {
    ///         member.send(message)?;
    ///     }
    ///     Ok(())
    /// }
    /// # let app = waterspout::Application::new(Rooms::new()).websocket("/", chat);
    /// # drop(app);
    /// ```
    pub fn join_after<S>(
        &self,
        position: Option<Position>,
        name: &str,
        ws: &WebSocket<S>,
    ) -> Result<(Member, CatchUp), RoomError> {
        let name = (!name.is_empty()).then_some(name);
        Member::enter(self, &ws.sender(), name, position)
    }

    /// Returns a listener that hears what is sent from now on: for event streams and long polls.
    ///
    /// # Errors
    ///
    /// Fails if the room is full.
    pub fn listen(&self) -> Result<Listener, RoomError> {
        Ok(Listener::enter(self, None, Past::Nothing)?.0)
    }

    /// Returns a listener that begins with what the room remembers after a position, all of it for
    /// `None`, and tells whether nothing is missing between.
    ///
    /// # Errors
    ///
    /// As [`listen`](Self::listen).
    pub fn listen_after(&self, position: Option<Position>) -> Result<(Listener, bool), RoomError> {
        Listener::enter(self, None, Past::After(position))
    }

    /// Returns a listener as [`listen_after`](Self::listen_after) does, under a name for
    /// [`names`](Self::names).
    ///
    /// # Errors
    ///
    /// As [`listen`](Self::listen), and if the name is longer than `max_name_len`.
    pub fn listen_as(
        &self,
        name: &str,
        position: Option<Position>,
    ) -> Result<(Listener, bool), RoomError> {
        Listener::enter(self, Some(name), Past::After(position))
    }
}

/// What a listener hears of what was sent before.
pub(super) enum Past {
    Nothing,
    After(Option<Position>),
}

impl OpenRoom {
    pub(super) fn new(shared: Arc<HubRoom>, worker: Rc<Worker>) -> Self {
        let (room, hub) = (Arc::clone(&shared), Arc::clone(&worker.hub));
        let group = Group::new(move |tag| {
            room.leave(tag);
            announce_later(&hub, &room.name);
        });
        Self {
            shared,
            group,
            ears: RefCell::default(),
            worker,
        }
    }

    pub(super) fn send(
        &self,
        message: Prepared,
        key: Option<&str>,
        except: Option<u64>,
    ) -> Result<(), RoomError> {
        let (hub, own) = (&self.worker.hub, &self.worker.mailbox);
        let sending = Sending {
            message: message.clone(),
            key: key.map(Into::into),
            except,
        };
        hub.note_lost(self.shared.send(sending, Some(own), &hub.config));
        self.worker.work_off();
        hub.send_elsewhere(&self.shared.name, &message, key)
    }

    /// Hands a message to the members on this worker.
    pub(super) fn deliver(&self, delivery: &Delivery) {
        self.group
            .send(&delivery.message, delivery.key.as_deref(), delivery.except);
        let ears = self.ears.borrow();
        for (_, ear) in ears
            .iter()
            .filter(|(tag, _)| Some(**tag) != delivery.except)
        {
            let position = self.shared.position_of(delivery.offset);
            let message = delivery.message.clone();
            ear.hear(Recorded { position, message }, &self.worker.hub.config);
        }
    }

    /// Returns what came after a position; who joins right now misses nothing and gets nothing twice.
    pub(super) fn catch_up(&self, after: Option<Position>) -> CatchUp {
        let (caught, deliveries) = self.shared.catch_up(after, &self.worker.mailbox);
        self.worker.deliver(deliveries);
        caught
    }

    /// Counts a member in and returns its tag.
    pub(super) fn admit(&self, name: Option<&str>) -> Result<u64, RoomError> {
        let hub = &self.worker.hub;
        if let Some(name) = name {
            hub.check_member(name)?;
        }
        let tag = hub.tag();
        self.shared.enter(tag, name, &hub.config)?;
        announce_later(hub, &self.shared.name);
        Ok(tag)
    }

    pub(super) fn release(&self, tag: u64) {
        self.shared.leave(tag);
        announce_later(&self.worker.hub, &self.shared.name);
    }

    pub(super) fn add_ear(&self, tag: u64, ear: Rc<Ear>) {
        self.ears.borrow_mut().insert(tag, ear);
    }

    pub(super) fn remove_ear(&self, tag: u64) {
        let mut ears = self.ears.borrow_mut();
        ears.remove(&tag);
        if ears.is_empty() {
            *ears = HashMap::new();
        }
    }
}

impl Drop for OpenRoom {
    fn drop(&mut self) {
        Rc::clone(&self.worker).close(self);
    }
}

impl fmt::Debug for Room {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Room")
            .field("name", &self.name())
            .finish_non_exhaustive()
    }
}
