//! The task of a connection. Idle, it is this small struct; a request brings a driver to life.

use std::cell::Cell;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use waterspout_net::{Aging, Shelf};

use super::conn::{Conn, Woken};
use super::driver::{Next, drive};
use super::shared::Stage;
use crate::Service;

/// The task of a connection: it waits with nothing in hand, and has a driver, taken from a shelf,
/// work while there is anything to do.
pub(crate) struct Connection<D> {
    /// Gone once the connection has left HTTP.
    conn: Option<Rc<Conn>>,
    drivers: Rc<Drivers<D>>,
    active: Option<Pin<Box<D>>>,
}

/// The drivers of a server. Each is a future that never ends: it takes a connection from the desk,
/// works until nothing is left to do for it, says so at the desk, and waits for another one. So
/// neither its memory nor its first state is made anew for a request.
pub(crate) struct Drivers<D> {
    desk: Rc<Desk>,
    make: Box<dyn Fn() -> Pin<Box<D>>>,
    free: Shelf<Pin<Box<D>>>,
}

/// Where a connection's task and a driver hand things to each other, within one poll.
#[derive(Default)]
struct Desk {
    job: Cell<Option<Rc<Conn>>>,
    done: Cell<Option<Next>>,
}

/// Makes the drivers of a server that has `service` answer its requests.
pub(crate) fn drivers<S: Service>(service: Rc<S>) -> Drivers<impl Future<Output = ()>> {
    let desk = Rc::new(Desk::default());
    let shared = Rc::clone(&desk);
    let make = move || Box::pin(work(Rc::clone(&shared), Rc::clone(&service)));
    Drivers {
        desk,
        make: Box::new(make),
        free: Shelf::default(),
    }
}

async fn work<S: Service>(desk: Rc<Desk>, service: Rc<S>) {
    loop {
        let conn = poll_fn(|_| desk.job.take().map_or(Poll::Pending, Poll::Ready)).await;
        let next = drive(conn, &*service).await;
        desk.done.set(Some(next));
    }
}

impl<D: Future<Output = ()>> Connection<D> {
    pub(crate) fn new(conn: Conn, drivers: Rc<Drivers<D>>) -> Self {
        let has_request = conn.has_read_ahead();
        let mut connection = Self {
            conn: Some(Rc::new(conn)),
            drivers,
            active: None,
        };
        if has_request {
            // The socket may never become readable again for what a handshake has read already.
            connection.start_at_once();
        }
        connection
    }

    /// Lets the driver work; ready when it has nothing left to do, and back on its shelf.
    #[inline]
    fn poll_driver(&mut self, cx: &mut Context<'_>) -> Poll<Next> {
        let Some(driver) = &mut self.active else {
            return Poll::Ready(Next::Idle);
        };
        // The driver itself is never ready: what it has done lies on the desk.
        let _pending = driver.as_mut().poll(cx);
        let Some(next) = self.drivers.desk.done.take() else {
            return Poll::Pending;
        };
        if let Some(driver) = self.active.take() {
            self.drivers.free.give(driver);
        }
        Poll::Ready(next)
    }

    #[inline]
    fn conn(&self) -> &Conn {
        self.conn
            .as_ref()
            .expect("the connection stays until the task is done")
    }

    /// Ends the task; hands the stream on if the connection has left HTTP.
    #[cold]
    fn leave(&mut self, next: Next) {
        let handover = self.conn().shared.take_handover();
        if let (Next::Upgrade, Some(go_on)) = (next, handover) {
            match self.conn.take().map(Rc::try_unwrap) {
                Some(Ok(conn)) => go_on.call(conn.upgrade()),
                // A future that waits for its end still holds it.
                _ => tracing::error!("a connection in use cannot be upgraded"),
            }
        }
    }

    #[cold]
    fn start_at_once(&mut self) {
        self.start();
    }

    // On the path of every request.
    #[inline(always)]
    fn start(&mut self) {
        let driver = self
            .drivers
            .free
            .take()
            .unwrap_or_else(|| (self.drivers.make)());
        self.drivers.desk.job.set(self.conn.clone());
        self.active = Some(driver);
    }
}

impl<D: Future<Output = ()>> Future for Connection<D> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.conn().shared.stage() == Stage::Aborting {
            this.conn().cut_off();
            return Poll::Ready(());
        }
        loop {
            let Poll::Ready(next) = this.poll_driver(cx) else {
                this.conn().send_complete(cx);
                this.conn().watch_stage(cx);
                return Poll::Pending;
            };
            if next != Next::Idle {
                this.leave(next);
                return Poll::Ready(());
            }
            if ready!(this.conn().poll_request(cx)) == Woken::ToClose {
                return Poll::Ready(());
            }
            this.start();
        }
    }
}

impl<D> Aging for Drivers<D> {
    fn age(&self) -> bool {
        self.free.age()
    }
}

impl<D> fmt::Debug for Connection<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("active", &self.active.is_some())
            .finish_non_exhaustive()
    }
}
