//! The poller of one loop: which callback waits for which descriptor, and the task that calls them.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::io;
use std::os::fd::RawFd;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Events, Poll, Registry, Token};
use tokio::io::unix::AsyncFd;
use tokio::task::yield_now;

use super::FdEvents;
use crate::io_loop::callbacks::log_panic;

/// Descriptors that one look at the poller may find.
const BATCH: usize = 256;

/// What a callback was registered as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Handler,
    Reader,
    Writer,
}

type Callback = Box<dyn FnMut(RawFd, FdEvents)>;

/// One callback. Another one may take it out while it runs.
pub(super) struct Slot {
    pub(super) role: Role,
    pub(super) name: &'static str,
    pub(super) events: Cell<FdEvents>,
    removed: Cell<bool>,
    /// Borrowed only by the task, while the callback runs.
    callback: RefCell<Callback>,
}

impl Slot {
    pub(super) fn new<F>(role: Role, events: FdEvents, callback: F) -> Rc<Self>
    where
        F: FnMut(RawFd, FdEvents) + 'static,
    {
        Rc::new(Self {
            role,
            name: std::any::type_name::<F>(),
            events: Cell::new(events),
            removed: Cell::new(false),
            callback: RefCell::new(Box::new(callback)),
        })
    }
}

/// A descriptor with its callbacks: one handler, or a reader and a writer.
struct Watch {
    fd: RawFd,
    slots: Vec<Rc<Slot>>,
}

impl Watch {
    fn events(&self) -> FdEvents {
        self.slots
            .iter()
            .fold(FdEvents::NONE, |all, slot| all | slot.events.get())
    }
}

#[derive(Default)]
struct Watches {
    /// A number is used once, so that an event of a descriptor that is gone finds nothing.
    next: usize,
    by_token: HashMap<Token, Watch>,
    tokens: HashMap<RawFd, Token>,
}

/// The descriptors that a loop watches for callbacks.
pub(in crate::io_loop) struct FdPoller {
    registry: Registry,
    watches: RefCell<Watches>,
}

impl FdPoller {
    /// Makes a poller and the future of its task, in the loop whose runtime is entered.
    pub(super) fn new() -> io::Result<(Rc<Self>, impl Future<Output = ()>)> {
        let poll = Poll::new()?;
        let poller = Rc::new(Self {
            registry: poll.registry().try_clone()?,
            watches: RefCell::default(),
        });
        let running = Rc::clone(&poller).run(watched(poll)?);
        Ok((poller, running))
    }

    /// Returns the callback that a descriptor has in one of these roles.
    pub(super) fn find(&self, fd: RawFd, roles: &[Role]) -> Option<Rc<Slot>> {
        let watches = self.watches.borrow();
        let watch = watches.by_token.get(watches.tokens.get(&fd)?)?;
        let found = watch.slots.iter().find(|slot| roles.contains(&slot.role));
        found.map(Rc::clone)
    }

    /// Adds a callback beside those that the descriptor has, and watches it for all of them.
    pub(super) fn add(&self, fd: RawFd, slot: Rc<Slot>) -> io::Result<()> {
        let mut watches = self.watches.borrow_mut();
        let Watches {
            next,
            by_token,
            tokens,
        } = &mut *watches;
        if let Some(token) = tokens.get(&fd) {
            let watch = by_token.get_mut(token).expect("each token has its watch");
            let events = watch.events() | slot.events.get();
            self.registry
                .reregister(&mut SourceFd(&fd), *token, events.interest())?;
            watch.slots.push(slot);
            return Ok(());
        }
        let token = Token(*next);
        let interest = slot.events.get().interest();
        self.registry
            .register(&mut SourceFd(&fd), token, interest)?;
        *next += 1;
        tokens.insert(fd, token);
        by_token.insert(
            token,
            Watch {
                fd,
                slots: vec![slot],
            },
        );
        Ok(())
    }

    /// Takes a callback out, and stops watching the descriptor if it was the last.
    pub(super) fn remove(&self, fd: RawFd, role: Role) -> bool {
        let Some(slot) = self.find(fd, &[role]) else {
            return false;
        };
        slot.removed.set(true);
        let mut watches = self.watches.borrow_mut();
        let Watches {
            by_token, tokens, ..
        } = &mut *watches;
        let Some(&token) = tokens.get(&fd) else {
            return false;
        };
        let watch = by_token.get_mut(&token).expect("each token has its watch");
        watch.slots.retain(|other| other.role != role);
        if watch.slots.is_empty() {
            tokens.remove(&fd);
            by_token.remove(&token);
            // A descriptor that was closed before is out of the poller already.
            _ = self.registry.deregister(&mut SourceFd(&fd));
        } else {
            let interest = watch.events().interest();
            _ = self
                .registry
                .reregister(&mut SourceFd(&fd), token, interest);
        }
        drop(watches);
        // The closure is dropped without a borrow: it may remove others.
        drop(slot);
        true
    }

    /// Arms a descriptor anew: what is ready now is reported again.
    pub(super) fn rearm(&self, fd: RawFd) -> io::Result<()> {
        let watches = self.watches.borrow();
        let Some(token) = watches.tokens.get(&fd) else {
            return Ok(());
        };
        let interest = watches.by_token[token].events().interest();
        self.registry
            .reregister(&mut SourceFd(&fd), *token, interest)
    }

    /// Drops all callbacks.
    pub(in crate::io_loop) fn clear(&self) {
        let watches = self.watches.take();
        drop(watches);
    }

    /// Calls callbacks for ever.
    async fn run(self: Rc<Self>, mut poll: AsyncFd<Poll>) {
        let mut events = Events::with_capacity(BATCH);
        while let Ok(mut ready) = poll.readable_mut().await {
            if let Err(error) = look(ready.get_inner_mut(), &mut events) {
                tracing::error!("descriptors are no longer watched: {error}");
                return;
            }
            if events.is_empty() {
                ready.clear_ready();
                continue;
            }
            for event in &events {
                self.dispatch(event.token(), FdEvents::of(event));
            }
            // The rest of the loop has its turn between two looks.
            yield_now().await;
        }
    }

    fn dispatch(&self, token: Token, events: FdEvents) {
        let (fd, slots) = {
            let watches = self.watches.borrow();
            let Some(watch) = watches.by_token.get(&token) else {
                return;
            };
            (watch.fd, watch.slots.clone())
        };
        let mut called = false;
        for slot in &slots {
            let wanted = events & (slot.events.get() | FdEvents::ERROR);
            if wanted.is_empty() || slot.removed.get() {
                continue;
            }
            called = true;
            call(slot, fd, wanted);
        }
        drop(slots);
        if called && self.watches.borrow().by_token.contains_key(&token) {
            // Fails if the callback has closed the descriptor, which then is ready no more.
            _ = self.rearm(fd);
        }
    }
}

/// Ties the poller to the running loop.
#[expect(
    deprecated,
    reason = "the value owns its descriptor and keeps it open, which is all that the call in its \
              place wants to be promised, by an unsafe block"
)]
fn watched(poll: Poll) -> io::Result<AsyncFd<Poll>> {
    AsyncFd::with_interest(poll, tokio::io::Interest::READABLE)
}

/// Asks which descriptors are ready, without waiting.
fn look(poll: &mut Poll, events: &mut Events) -> io::Result<()> {
    match poll.poll(events, Some(Duration::ZERO)) {
        // Asked again: the readiness stays.
        Err(error) if error.kind() == io::ErrorKind::Interrupted => look(poll, events),
        outcome => outcome,
    }
}

fn call(slot: &Slot, fd: RawFd, events: FdEvents) {
    let callback = &mut *slot.callback.borrow_mut();
    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| callback(fd, events))) {
        log_panic(slot.name, panic.as_ref());
    }
}

impl fmt::Debug for FdPoller {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FdPoller")
            .field("descriptors", &self.watches.borrow().tokens.len())
            .finish_non_exhaustive()
    }
}
