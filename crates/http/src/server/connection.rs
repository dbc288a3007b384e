//! The task of a connection. Idle, it is this small struct; a request brings the driver to life.

use std::fmt;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};

use waterspout_net::Shelf;

use super::conn::{Conn, Woken};
use super::driver::Next;
use super::shared::Stage;

/// The task of a connection: it waits with nothing in hand, and lets a driver future, taken from a
/// pool, work while there is anything to do.
pub(crate) struct Connection<F> {
    conn: Rc<Conn>,
    drivers: Rc<Drivers<F>>,
    active: Option<Slot<F>>,
}

/// A place for a driver future that is used again and again.
type Slot<F> = Pin<Box<Option<F>>>;

type Make<F> = dyn Fn(&Rc<Conn>) -> F;

/// Makes driver futures in places that are used again.
pub(crate) struct Drivers<F> {
    make: Box<Make<F>>,
    free: Shelf<Slot<F>>,
}

impl<F> Drivers<F> {
    pub(crate) fn new(make: impl Fn(&Rc<Conn>) -> F + 'static) -> Self {
        Self {
            make: Box::new(make),
            free: Shelf::default(),
        }
    }

    #[inline]
    fn start(&self, conn: &Rc<Conn>) -> Slot<F> {
        let mut slot = self.free.take().unwrap_or_else(|| Box::pin(None));
        slot.set(Some((self.make)(conn)));
        slot
    }

    #[inline]
    fn give(&self, mut slot: Slot<F>) {
        slot.set(None);
        self.free.give(slot);
    }
}

impl<F> Connection<F> {
    pub(crate) fn new(conn: Conn, drivers: Rc<Drivers<F>>) -> Self {
        Self {
            conn: Rc::new(conn),
            drivers,
            active: None,
        }
    }
}

impl<F: Future<Output = Next>> Future for Connection<F> {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let this = &mut *self;
        if this.conn.shared.stage() == Stage::Aborting {
            return Poll::Ready(());
        }
        loop {
            if let Some(driver) = this
                .active
                .as_mut()
                .and_then(|slot| slot.as_mut().as_pin_mut())
            {
                let next = ready!(driver.poll(cx));
                if let Some(slot) = this.active.take() {
                    this.drivers.give(slot);
                }
                if next == Next::Close {
                    return Poll::Ready(());
                }
            }
            if ready!(this.conn.poll_request(cx)) == Woken::ToClose {
                return Poll::Ready(());
            }
            this.active = Some(this.drivers.start(&this.conn));
        }
    }
}

impl<F> fmt::Debug for Connection<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connection")
            .field("active", &self.active.is_some())
            .finish_non_exhaustive()
    }
}
