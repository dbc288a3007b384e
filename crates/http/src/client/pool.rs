//! Places for requests, and connections that wait for the next one.

use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::hash::{Hash, Hasher};
use std::rc::{Rc, Weak};
use std::task::{Context, Waker};
use std::time::{Duration, Instant};

use tokio::sync::oneshot;
use waterspout_net::{IoLoop, IoStream};

use super::error::FetchError;
use super::proxy::Proxy;
use super::request::Reach;
use super::url::Scheme;

/// How often waiting connections are looked at.
const REAP_EVERY: Duration = Duration::from_secs(5);

/// Everything that two requests must agree in to share a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Key {
    pub(super) scheme: Scheme,
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) reach: Option<Rc<Reach>>,
    pub(super) proxy: Option<Rc<Proxy>>,
    /// An HTTP proxy only passes octets on.
    pub(super) tunneled: bool,
}

/// Of host and port alone: few hosts are reached by several ways.
impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.host, self.port).hash(state);
    }
}

/// How full the pool of a client is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolGauges {
    /// Requests that have a place.
    pub active: usize,
    /// Connections that wait for a request.
    pub idle: usize,
    /// Requests that wait for a place.
    pub queued: usize,
}

#[derive(Debug)]
pub(super) struct Pool {
    limits: Limits,
    state: RefCell<State>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    pub(super) clients: usize,
    pub(super) per_host: usize,
    pub(super) idle: usize,
    pub(super) keep_alive: Duration,
}

#[derive(Debug, Default)]
struct State {
    hosts: HashMap<Rc<Key>, Host>,
    active: usize,
    idle: usize,
    queue: VecDeque<Waiter>,
    closed: bool,
    reaping: bool,
}

#[derive(Debug, Default)]
struct Host {
    active: usize,
    /// The last one was used last.
    idle: VecDeque<Idle>,
}

#[derive(Debug)]
struct Idle {
    stream: IoStream,
    since: Instant,
}

#[derive(Debug)]
struct Waiter {
    key: Rc<Key>,
    sender: oneshot::Sender<Slot>,
}

/// A place among `max_clients`; given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    pool: Rc<Pool>,
    key: Rc<Key>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.pool.release(&self.key);
    }
}

impl Slot {
    /// Keeps a connection for the next request, and gives the place back after that.
    pub(super) fn keep(self, stream: IoStream) {
        self.pool.put(&self.key, stream);
    }

    /// Takes a connection that waits and is alive.
    pub(super) fn check_out(&self) -> Option<IoStream> {
        let mut state = self.pool.state.borrow_mut();
        let State { hosts, idle, .. } = &mut *state;
        let host = hosts.get_mut(&self.key)?;
        while let Some(mut waiting) = host.idle.pop_back() {
            *idle -= 1;
            if waiting.is_alive(self.pool.limits.keep_alive) {
                return Some(waiting.stream);
            }
        }
        None
    }
}

impl Idle {
    /// A server that sends something unasked, or closes, has ended the connection.
    fn is_alive(&mut self, keep_alive: Duration) -> bool {
        let mut cx = Context::from_waker(Waker::noop());
        self.since.elapsed() < keep_alive && self.stream.poll_fill(&mut cx).is_pending()
    }
}

impl Pool {
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            state: RefCell::default(),
        }
    }

    /// Waits for a place. Those that wait come in the order of their calls, except that one whose
    /// host is full lets others pass.
    pub(super) async fn acquire(self: &Rc<Self>, key: Key) -> Result<Slot, FetchError> {
        let closed = || FetchError::request("fetch called on a closed HttpClient");
        let waiting = {
            let mut state = self.state.borrow_mut();
            if state.closed {
                return Err(closed());
            }
            let known = state.hosts.get_key_value(&key);
            let key = known.map_or_else(|| Rc::new(key.clone()), |(known, _)| Rc::clone(known));
            // Whoever waits could not be let in, so nobody is overtaken here.
            if state.has_room(&self.limits, &key) {
                return Ok(self.let_in(&mut state, key));
            }
            state.forget_cancelled();
            let (sender, waiting) = oneshot::channel();
            state.queue.push_back(Waiter { key, sender });
            waiting
        };
        waiting.await.map_err(|_| closed())
    }

    fn let_in(self: &Rc<Self>, state: &mut State, key: Rc<Key>) -> Slot {
        state.active += 1;
        state.hosts.entry(Rc::clone(&key)).or_default().active += 1;
        Slot {
            pool: Rc::clone(self),
            key,
        }
    }

    fn release(self: &Rc<Self>, key: &Rc<Key>) {
        let mut state = self.state.borrow_mut();
        state.active -= 1;
        if let Some(host) = state.hosts.get_mut(key) {
            host.active -= 1;
        }
        state.forget_unused(key);
        let Some(waiter) = state.next_in_queue(&self.limits) else {
            return;
        };
        let slot = self.let_in(&mut state, waiter.key);
        drop(state);
        // One that does not wait any more drops the place, which lets the next one in.
        drop(waiter.sender.send(slot));
    }

    fn put(self: &Rc<Self>, key: &Rc<Key>, stream: IoStream) {
        let mut state = self.state.borrow_mut();
        if state.closed || self.limits.idle == 0 || self.limits.keep_alive.is_zero() {
            return;
        }
        let since = Instant::now();
        let host = state.hosts.entry(Rc::clone(key)).or_default();
        host.idle.push_back(Idle { stream, since });
        state.idle += 1;
        if state.idle > self.limits.idle {
            state.drop_oldest();
        }
        if !state.reaping
            && let Some(io_loop) = IoLoop::try_current()
        {
            state.reaping = true;
            io_loop.spawn_callback(reap(Rc::downgrade(self)));
        }
    }

    /// Closes what waits; later requests fail.
    pub(super) fn close(&self) {
        let mut state = self.state.borrow_mut();
        state.closed = true;
        state.idle = 0;
        state.hosts.values_mut().for_each(|host| host.idle.clear());
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        drop(queue);
    }

    pub(super) fn gauges(&self) -> PoolGauges {
        let state = self.state.borrow();
        let waits = |waiter: &&Waiter| !waiter.sender.is_closed();
        PoolGauges {
            active: state.active,
            idle: state.idle,
            queued: state.queue.iter().filter(waits).count(),
        }
    }
}

impl State {
    fn has_room(&self, limits: &Limits, key: &Rc<Key>) -> bool {
        let active = self.hosts.get(key).map_or(0, |host| host.active);
        self.active < limits.clients && active < limits.per_host
    }

    fn next_in_queue(&mut self, limits: &Limits) -> Option<Waiter> {
        while self
            .queue
            .front()
            .is_some_and(|waiter| waiter.sender.is_closed())
        {
            self.queue.pop_front();
        }
        let fits =
            |waiter: &Waiter| !waiter.sender.is_closed() && self.has_room(limits, &waiter.key);
        let index = self.queue.iter().position(fits)?;
        self.queue.remove(index)
    }

    /// Cancelled requests must not pile up behind one that takes long.
    fn forget_cancelled(&mut self) {
        if self.queue.len() >= 64 && self.queue.len().is_power_of_two() {
            self.queue.retain(|waiter| !waiter.sender.is_closed());
        }
    }

    fn forget_unused(&mut self, key: &Rc<Key>) {
        let unused = |host: &Host| host.active == 0 && host.idle.is_empty();
        if self.hosts.get(key).is_some_and(unused) {
            self.hosts.remove(key);
        }
    }

    fn drop_oldest(&mut self) {
        let oldest = |host: &Host| host.idle.front().map(|idle| idle.since);
        let hosts = self.hosts.iter().filter(|(_, host)| !host.idle.is_empty());
        let key = hosts
            .min_by_key(|(_, host)| oldest(host))
            .map(|(key, _)| Rc::clone(key));
        if let Some(key) = key
            && let Some(host) = self.hosts.get_mut(&key)
        {
            host.idle.pop_front();
            self.idle -= 1;
            self.forget_unused(&key);
        }
    }

    fn drop_dead(&mut self, keep_alive: Duration) {
        let mut idle = 0;
        self.hosts.retain(|_, host| {
            host.idle.retain_mut(|waiting| waiting.is_alive(keep_alive));
            idle += host.idle.len();
            host.active > 0 || !host.idle.is_empty()
        });
        self.idle = idle;
    }
}

/// Closes connections that the server has closed, or that have waited long enough, for as long as
/// there are any.
async fn reap(pool: Weak<Pool>) {
    loop {
        tokio::time::sleep(REAP_EVERY).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut state = pool.state.borrow_mut();
        state.drop_dead(pool.limits.keep_alive);
        if state.idle == 0 {
            state.reaping = false;
            return;
        }
    }
}
