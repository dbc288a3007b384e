//! Places for requests, and connections that wait for the next one.

use std::cell::{Cell, RefCell};
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
    hosts: HashMap<Rc<Key>, Rc<Host>>,
    active: usize,
    idle: usize,
    queue: VecDeque<Waiter>,
    closed: bool,
    reaping: bool,
}

/// What is known of one place. A request that has a place there, or waits for one, holds it, so that
/// it is looked up once.
#[derive(Debug)]
struct Host {
    key: Rc<Key>,
    active: Cell<usize>,
    /// The last one was used last.
    idle: RefCell<VecDeque<Idle>>,
}

#[derive(Debug)]
struct Idle {
    stream: IoStream,
    since: Instant,
}

#[derive(Debug)]
struct Waiter {
    host: Rc<Host>,
    sender: oneshot::Sender<Slot>,
}

/// A place among `max_clients`; given back when dropped.
#[derive(Debug)]
pub(super) struct Slot {
    pool: Rc<Pool>,
    host: Rc<Host>,
}

impl Drop for Slot {
    fn drop(&mut self) {
        self.pool.release(&self.host);
    }
}

impl Slot {
    /// Returns what a new connection is to be made to.
    pub(super) fn key(&self) -> &Key {
        &self.host.key
    }

    /// Keeps a connection for the next request, and gives the place back after that.
    pub(super) fn keep(self, stream: IoStream) {
        self.pool.put(&self.host, stream);
    }

    /// Takes a connection that waits and is alive.
    pub(super) fn check_out(&self) -> Option<IoStream> {
        let mut idle = self.host.idle.borrow_mut();
        while let Some(mut waiting) = idle.pop_back() {
            self.pool.state.borrow_mut().idle -= 1;
            if waiting.is_alive(self.pool.limits.keep_alive) {
                return Some(waiting.stream);
            }
        }
        None
    }
}

impl Waiter {
    fn has_left(&self) -> bool {
        self.sender.is_closed()
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
            let host = state.host(key);
            // Whoever waits could not be let in, so nobody is overtaken here.
            if state.has_room(&self.limits, &host) {
                return Ok(self.let_in(&mut state, host));
            }
            state.forget_cancelled();
            let (sender, waiting) = oneshot::channel();
            state.queue.push_back(Waiter { host, sender });
            waiting
        };
        waiting.await.map_err(|_| closed())
    }

    fn let_in(self: &Rc<Self>, state: &mut State, host: Rc<Host>) -> Slot {
        state.active += 1;
        host.active.set(host.active.get() + 1);
        Slot {
            pool: Rc::clone(self),
            host,
        }
    }

    fn release(self: &Rc<Self>, host: &Rc<Host>) {
        let mut state = self.state.borrow_mut();
        state.active -= 1;
        host.active.set(host.active.get() - 1);
        let waiter = state.next_in_queue(&self.limits);
        state.forget_unused(host);
        if let Some(waiter) = waiter {
            let slot = self.let_in(&mut state, waiter.host);
            drop(state);
            // One that does not wait any more drops the place, which lets the next one in.
            drop(waiter.sender.send(slot));
        }
    }

    fn put(self: &Rc<Self>, host: &Host, stream: IoStream) {
        let mut state = self.state.borrow_mut();
        if state.closed || self.limits.idle == 0 || self.limits.keep_alive.is_zero() {
            return;
        }
        let since = Instant::now();
        host.idle.borrow_mut().push_back(Idle { stream, since });
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
        let hosts = state.hosts.values();
        let idle: Vec<_> = hosts.map(|host| host.idle.take()).collect();
        let queue = std::mem::take(&mut state.queue);
        drop(state);
        drop((idle, queue));
    }

    pub(super) fn gauges(&self) -> PoolGauges {
        let state = self.state.borrow();
        let waits = |waiter: &&Waiter| !waiter.has_left();
        PoolGauges {
            active: state.active,
            idle: state.idle,
            queued: state.queue.iter().filter(waits).count(),
        }
    }
}

impl State {
    /// Finds a place, or notes a new one.
    fn host(&mut self, key: Key) -> Rc<Host> {
        if let Some(host) = self.hosts.get(&key) {
            return Rc::clone(host);
        }
        let key = Rc::new(key);
        let host = Rc::new(Host {
            key: Rc::clone(&key),
            active: Cell::default(),
            idle: RefCell::default(),
        });
        self.hosts.insert(key, Rc::clone(&host));
        host
    }

    fn has_room(&self, limits: &Limits, host: &Host) -> bool {
        self.active < limits.clients && host.active.get() < limits.per_host
    }

    fn next_in_queue(&mut self, limits: &Limits) -> Option<Waiter> {
        while self.queue.front().is_some_and(Waiter::has_left) {
            if let Some(waiter) = self.queue.pop_front() {
                self.forget_unused(&waiter.host);
            }
        }
        let fits = |waiter: &Waiter| !waiter.has_left() && self.has_room(limits, &waiter.host);
        let index = self.queue.iter().position(fits)?;
        self.queue.remove(index)
    }

    /// Cancelled requests must not pile up behind one that takes long.
    fn forget_cancelled(&mut self) {
        if self.queue.len() >= 64 && self.queue.len().is_power_of_two() {
            self.queue.retain(|waiter| !waiter.has_left());
            self.hosts.retain(|_, host| !host.is_unused(1));
        }
    }

    /// Forgets a place that only this list and the caller hold.
    fn forget_unused(&mut self, host: &Rc<Host>) {
        if host.is_unused(2) {
            self.hosts.remove(&host.key);
        }
    }

    fn drop_oldest(&mut self) {
        let hosts = self.hosts.values();
        let since = |host: &Rc<Host>| Some((host.idle.borrow().front()?.since, Rc::clone(host)));
        let oldest = hosts.filter_map(since).min_by_key(|(since, _)| *since);
        if let Some((_, host)) = oldest {
            let dropped = host.idle.borrow_mut().pop_front();
            drop(dropped);
            self.idle -= 1;
            self.forget_unused(&host);
        }
    }

    fn drop_dead(&mut self, keep_alive: Duration) {
        let mut count = 0;
        self.hosts.retain(|_, host| {
            let mut idle = host.idle.borrow_mut();
            idle.retain_mut(|waiting| waiting.is_alive(keep_alive));
            count += idle.len();
            drop(idle);
            !host.is_unused(1)
        });
        self.idle = count;
    }
}

impl Host {
    /// Tells whether nobody uses it, given how many hold it for other reasons.
    fn is_unused(self: &Rc<Self>, holders: usize) -> bool {
        self.active.get() == 0 && self.idle.borrow().is_empty() && Rc::strong_count(self) <= holders
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
