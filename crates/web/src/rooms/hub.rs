//! What the workers of a process share.

use std::fmt;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, Once, OnceLock};

use waterspout_http::ws::{Message, Prepared};

use super::announce::Elsewhere;
use super::backplane::{Backplane, Inbox};
use super::config::RoomsConfig;
use super::error::RoomError;
use super::hub_room::Sending;
use super::known::Known;
use super::packet::{Content, InvalidPacket, Packet, Parsed};
use super::worker::Rooms;

/// The rooms of a process, from which each worker takes its [`Rooms`].
///
/// It is made before the server and captured by the factory of applications. It may be used from
/// every thread. Clones are the same hub.
///
/// # Examples
///
/// ```no_run
/// use waterspout::{Application, HttpServer, Result, RoomHub, Rooms, WebSocket};
///
/// struct Site {
///     rooms: Rooms,
/// }
///
/// async fn chat(ws: &mut WebSocket<Site>) -> Result {
///     let lobby = ws.app().rooms.join("lobby", ws)?;
///     while let Some(message) = ws.recv().await? {
///         lobby.send(message)?;
///     }
///     Ok(())
/// }
///
/// fn main() -> Result {
///     let hub = RoomHub::new();
///     HttpServer::new(move || {
///         let site = Site { rooms: hub.rooms() };
///         Application::new(site).websocket("/chat", chat)
///     })
///     .workers(0)
///     .listen(8888)?
///     .run()
/// }
/// ```
#[derive(Clone)]
pub struct RoomHub(Arc<Hub>);

pub(super) struct Hub {
    pub(super) config: RoomsConfig,
    pub(super) rooms: Mutex<Known>,
    next_tag: AtomicU64,
    lost: AtomicU64,
    node: OnceLock<u64>,
    pub(super) backplane: Option<Box<dyn Backplane>>,
    started: Once,
    pub(super) elsewhere: Elsewhere,
}

impl RoomHub {
    /// Makes a hub with the default limits and without history.
    #[must_use]
    pub fn new() -> Self {
        Self::with_config(RoomsConfig::default())
    }

    /// Makes a hub with limits of one's own.
    #[must_use]
    pub fn with_config(config: RoomsConfig) -> Self {
        Self::made_of(config, None)
    }

    fn made_of(config: RoomsConfig, backplane: Option<Box<dyn Backplane>>) -> Self {
        Self(Arc::new(Hub {
            config,
            rooms: Mutex::default(),
            next_tag: AtomicU64::new(1),
            lost: AtomicU64::new(0),
            node: OnceLock::new(),
            backplane,
            started: Once::new(),
            elsewhere: Elsewhere::default(),
        }))
    }

    /// Joins this process with others: a new hub with the same limits. Default: none.
    #[must_use]
    pub fn backplane(self, backplane: impl Backplane) -> Self {
        Self::made_of(self.0.config.clone(), Some(Box::new(backplane)))
    }

    /// Returns the rooms as one worker uses them. It is called on the worker's thread, mostly by the
    /// factory of applications.
    #[must_use]
    pub fn rooms(&self) -> Rooms {
        Rooms::of(Arc::clone(&self.0))
    }

    /// Sends a message to a room from any thread. A room where nobody is takes it for its history
    /// only.
    ///
    /// # Errors
    ///
    /// Fails if the name is not one, if there are too many rooms, or if the backplane fails: the
    /// members in this process have the message then.
    pub fn send(&self, room: &str, message: impl Into<Message>) -> Result<(), RoomError> {
        let hub = &self.0;
        hub.check(room)?;
        let message = Prepared::new(message);
        if hub.config.history > 0 {
            hub.find_or_make(room)?;
        }
        let sending = Sending {
            message: message.clone(),
            key: None,
            except: None,
        };
        hub.send_here(room, sending);
        hub.send_elsewhere(room, &message, None)
    }

    /// Returns the number of members of a room, in this process and in others.
    #[must_use]
    pub fn members(&self, room: &str) -> usize {
        self.0.members(room)
    }

    /// Returns the number of rooms of this process, those kept for their history included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.known().rooms.len()
    }

    /// Tells whether there are no rooms.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns how many messages did not reach some worker, since it had too many before it
    /// (`max_backlog`).
    #[must_use]
    pub fn lost(&self) -> u64 {
        self.0.lost.load(Ordering::Relaxed)
    }
}

impl Default for RoomHub {
    fn default() -> Self {
        Self::new()
    }
}

impl Hub {
    /// Returns a number that no other member of this process has.
    pub(super) fn tag(&self) -> u64 {
        self.next_tag.fetch_add(1, Ordering::Relaxed)
    }

    /// Returns the number of this process. It is asked for after the fork.
    pub(super) fn node(&self) -> u64 {
        *self.node.get_or_init(|| {
            let mut hasher = RandomState::new().build_hasher();
            hasher.write_u32(std::process::id());
            hasher.finish()
        })
    }

    pub(super) fn start(self: &Arc<Self>) {
        if let Some(backplane) = &self.backplane {
            self.started.call_once(|| backplane.start(Inbox::new(self)));
        }
    }

    pub(super) fn check(&self, name: &str) -> Result<(), RoomError> {
        if name.is_empty() {
            return Err(RoomError::name("of a room is empty"));
        }
        self.check_text(name, "of a room")
    }

    /// Checks the name of a member, which may be empty.
    pub(super) fn check_member(&self, name: &str) -> Result<(), RoomError> {
        self.check_text(name, "of a member")
    }

    fn check_text(&self, name: &str, whose: &str) -> Result<(), RoomError> {
        let limit = self.config.max_name_len;
        if name.len() > limit {
            let text = format!("{whose} is longer than {limit} octets (limit max_name_len)");
            return Err(RoomError::name(text));
        }
        if name.chars().any(char::is_control) {
            return Err(RoomError::name(format!(
                "{whose} holds a control character"
            )));
        }
        Ok(())
    }

    pub(super) fn send_here(&self, name: &str, sending: Sending) {
        let room = self.known().rooms.get(name).cloned();
        if let Some(room) = room {
            self.note_lost(room.send(sending, None, &self.config));
        }
    }

    pub(super) fn note_lost(&self, workers: usize) {
        if workers > 0 {
            let before = self.lost.fetch_add(workers as u64, Ordering::Relaxed);
            if before == 0 {
                tracing::error!(
                    target: "waterspout::application",
                    "a worker does not keep up with its rooms and loses messages (limit max_backlog)"
                );
            }
        }
    }

    pub(super) fn send_elsewhere(
        &self,
        room: &str,
        message: &Prepared,
        key: Option<&str>,
    ) -> Result<(), RoomError> {
        let Some(backplane) = &self.backplane else {
            return Ok(());
        };
        let packet = Packet::message(self.node(), room, message, key);
        backplane.publish(packet).map_err(RoomError::elsewhere)
    }

    pub(super) fn members(&self, name: &str) -> usize {
        self.members_here(name) + self.elsewhere.members(name)
    }

    pub(super) fn members_here(&self, name: &str) -> usize {
        let room = self.known().rooms.get(name).cloned();
        room.map_or(0, |room| room.members())
    }

    /// Rooms and their members in this process.
    pub(super) fn counts(&self) -> Vec<(Arc<str>, usize)> {
        let rooms: Vec<_> = self.known().rooms.values().cloned().collect();
        rooms
            .into_iter()
            .map(|room| (Arc::clone(&room.name), room.members()))
            .collect()
    }

    pub(super) fn receive(hub: Option<&Arc<Self>>, octets: &[u8]) -> Result<u64, InvalidPacket> {
        let parsed = Parsed::parse(octets)?;
        let Some(hub) = hub.filter(|hub| hub.node() != parsed.node) else {
            return Ok(parsed.node);
        };
        match parsed.content {
            Content::Message { message, key } => hub.send_here(
                parsed.room,
                Sending {
                    message: Prepared::new(message),
                    key: key.map(Into::into),
                    except: None,
                },
            ),
            Content::Count(members) => {
                let limit = hub.config.max_rooms;
                hub.elsewhere.note(parsed.room, parsed.node, members, limit);
            }
        }
        Ok(parsed.node)
    }

    pub(super) fn forget_node(&self, node: u64) {
        self.elsewhere.forget(node);
    }
}

impl fmt::Debug for RoomHub {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomHub")
            .field("rooms", &self.len())
            .finish_non_exhaustive()
    }
}
