//! Rooms: topics that WebSockets, event streams and long polls join, on every worker of a process.
//!
//! What workers share is a [`RoomHub`]: names, counts, history, and a mailbox for each worker. What a
//! worker uses is its [`Rooms`]: plain handles without locks in sight. A message gets its place in the
//! order of its room under one lock, and each worker works its mailbox off in that order, so members
//! on all workers see the same sequence. Other processes are joined by a [`Backplane`].

mod announce;
mod backplane;
mod config;
mod error;
mod feed;
mod history;
mod hub;
mod hub_room;
mod known;
mod listener;
mod mailbox;
mod member;
mod packet;
mod position;
mod room;
mod unix_mesh;
mod worker;

pub use backplane::{Backplane, Inbox};
pub use config::RoomsConfig;
pub use error::RoomError;
pub use history::{CatchUp, Recorded};
pub use hub::RoomHub;
pub use listener::{Heard, Listener};
pub use member::Member;
pub use packet::{InvalidPacket, Packet};
pub use position::{InvalidPosition, Position};
pub use room::Room;
pub use unix_mesh::UnixMesh;
pub use worker::Rooms;
