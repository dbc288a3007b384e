//! Sockets of one loop that are sent the same.

use std::cell::RefCell;
use std::fmt;
use std::rc::{Rc, Weak};
use std::task::{Context, Poll};

use super::batch::{Batch, Entry};
use super::core::{Core, DIRECT};
use super::queue::Pushed;
use super::send::{Io, Outgoing};
use super::sender::Sender;
use super::turn;
use crate::ws::frame::Role;
use crate::ws::{CloseCode, CloseReason, Prepared};

/// WebSockets of one loop that get the same messages.
///
/// A message is encoded once, and compressed once for each set of parameters. What is sent in one turn
/// of the loop leaves in one write to each member. A member that takes nothing has its own bounded
/// queue with its own policy; since nobody waits for one member, the policy
/// [`Wait`](super::SlowConsumer::Wait) closes it with 1013 when its queue is full. Members that close
/// leave by themselves.
///
/// Clones are the same group.
#[derive(Clone)]
pub struct Group(Rc<Shared>);

struct Shared {
    members: RefCell<Members>,
    batch: RefCell<Batch>,
    on_leave: Box<dyn Fn(u64)>,
}

#[derive(Default)]
struct Members {
    slots: Vec<Option<Member>>,
    free: Vec<usize>,
}

struct Member {
    tag: u64,
    core: Rc<Core>,
}

/// A place in a [`Group`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    index: usize,
    tag: u64,
}

/// A seat, as the socket that has it knows it.
pub(super) struct HeldSeat {
    group: Weak<Shared>,
    seat: Seat,
}

/// A group that has gathered messages in this turn.
pub(super) struct Gathering(Rc<Shared>);

impl Group {
    /// Makes an empty group. `on_leave` is called with the tag of each member that has left because it
    /// closed, at the end of that turn of the loop.
    #[must_use]
    pub fn new(on_leave: impl Fn(u64) + 'static) -> Self {
        Self(Rc::new(Shared {
            members: RefCell::default(),
            batch: RefCell::default(),
            on_leave: Box::new(on_leave),
        }))
    }

    /// Lets a socket join, under a tag that no other member has. It gets what is sent from now on.
    /// Returns `None` if it is closed.
    #[must_use]
    pub fn join(&self, sender: &Sender, tag: u64) -> Option<Seat> {
        turn::settle();
        let core = &sender.0;
        if !core.is_open() {
            return None;
        }
        let member = Member {
            tag,
            core: Rc::clone(core),
        };
        let index = self.0.members.borrow_mut().insert(member);
        let seat = Seat { index, tag };
        let mut more = core.more.borrow_mut();
        more.get_or_insert_default().seats.push(HeldSeat {
            group: Rc::downgrade(&self.0),
            seat,
        });
        Some(seat)
    }

    /// Lets a member leave. It still gets what was sent before. Returns whether it was there.
    pub fn leave(&self, seat: Seat) -> bool {
        turn::settle();
        let Some(core) = self.0.members.borrow_mut().remove(seat) else {
            return false;
        };
        if let Some(more) = core.more.borrow_mut().as_mut() {
            let other =
                |held: &HeldSeat| held.seat != seat || held.group.as_ptr() != Rc::as_ptr(&self.0);
            more.seats.retain(other);
        }
        true
    }

    /// Returns the number of members.
    #[must_use]
    pub fn len(&self) -> usize {
        let members = self.0.members.borrow();
        members.slots.len() - members.free.len()
    }

    /// Tells whether there are no members.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Returns handles of all members.
    #[must_use]
    pub fn senders(&self) -> Vec<Sender> {
        let members = self.0.members.borrow();
        let there = members.slots.iter().flatten();
        there
            .map(|member| Sender(Rc::clone(&member.core)))
            .collect()
    }

    /// Waits until all members whose policy is to wait have room for a message of `len` octets, all at
    /// the same time. Who sends it at once closes none of them.
    pub fn poll_room(&self, cx: &Context<'_>, len: usize) -> Poll<()> {
        turn::settle();
        let members = self.0.members.borrow();
        let mut there = members.slots.iter().flatten();
        if there.any(|member| member.core.poll_room(cx, len).is_pending()) {
            return Poll::Pending;
        }
        Poll::Ready(())
    }

    /// Sends a message to all members but the one with the tag `except`. In the queue of a slow one
    /// it takes the place of what has the same `key`, if that is its policy.
    ///
    /// It goes out at the end of this turn of the loop, and before anything that is sent to a
    /// WebSocket otherwise, or closes one.
    pub fn send(&self, message: &Prepared, key: Option<&str>, except: Option<u64>) {
        if self.is_empty() {
            return;
        }
        let mut batch = self.0.batch.borrow_mut();
        if batch.is_empty() {
            turn::gather(Gathering(Rc::clone(&self.0)));
        }
        batch.push(Entry {
            message: message.clone(),
            key: key.map(Into::into),
            except,
        });
        if batch.is_full() {
            drop(batch);
            turn::settle();
        }
    }
}

impl Gathering {
    /// Sends what the group has gathered.
    pub(super) fn send(self) {
        let mut batch = self.0.batch.take();
        let members = self.0.members.borrow();
        for member in members.slots.iter().flatten() {
            member.core.send_batch(&mut batch, member.tag);
        }
    }
}

impl HeldSeat {
    /// Leaves the group, if it is still there.
    pub(super) fn give_up(self) {
        let Some(group) = self.group.upgrade() else {
            return;
        };
        let there = group.members.borrow_mut().remove(self.seat);
        if there.is_some() {
            (group.on_leave)(self.seat.tag);
        }
    }
}

impl Members {
    fn insert(&mut self, member: Member) -> usize {
        match self.free.pop() {
            Some(index) => {
                self.slots[index] = Some(member);
                index
            }
            None => {
                self.slots.push(Some(member));
                self.slots.len() - 1
            }
        }
    }

    fn remove(&mut self, seat: Seat) -> Option<Rc<Core>> {
        let slot = self.slots.get_mut(seat.index)?;
        let member = slot.take_if(|member| member.tag == seat.tag)?;
        self.free.push(seat.index);
        if self.free.len() == self.slots.len() {
            *self = Self::default();
        }
        Some(member.core)
    }
}

impl Core {
    /// Sends what a group has gathered: at once if nothing is before it, and then this socket's task
    /// need not even run.
    fn send_batch(&self, batch: &mut Batch, seat: u64) {
        if !self.is_open() {
            return;
        }
        let mut io = self.io.borrow_mut();
        let Some(io) = io.as_mut() else {
            return;
        };
        let is_server = io.decoder.role() == Role::Server;
        let nothing_before = io.stream.is_flushed() && self.queue_is_empty();
        if is_server && nothing_before && batch.is_whole_for(seat) {
            let frames = batch.frames(io.compressor.as_deref_mut());
            match io.stream.try_send(frames) {
                Ok(count) if count == frames.len() => return,
                Ok(0) => {}
                Ok(count) => {
                    io.stream.enqueue_bytes(frames.slice(count..));
                    return self.wake();
                }
                // The task meets the same error, and ends the socket.
                Err(_) => return self.wake(),
            }
        }
        for entry in batch.entries_for(seat) {
            self.push_shared(io, entry);
        }
        self.wake();
    }

    fn push_shared(&self, io: &mut Io, entry: &Entry) {
        if !self.is_open() {
            return;
        }
        let message = Outgoing::Shared(entry.message.clone());
        if io.stream.queued() < DIRECT && self.queue_is_empty() {
            return io.write_outgoing(message);
        }
        let mut more = self.more.borrow_mut();
        let queue = &mut more.get_or_insert_default().queue;
        let pushed = queue.push(message, entry.key.as_deref(), self.limits());
        drop(more);
        if pushed == Pushed::Overflow {
            let reason = CloseReason::new(CloseCode::TRY_AGAIN_LATER, "peer is too slow");
            self.finish_with(io, reason);
        }
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group")
            .field("members", &self.len())
            .finish_non_exhaustive()
    }
}
