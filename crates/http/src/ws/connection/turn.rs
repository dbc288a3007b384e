//! The end of a turn of the loop: what groups have gathered goes out then, and who closed has left.

use std::cell::{Cell, RefCell};

use tokio::runtime::Handle;

use super::group::{Gathering, HeldSeat};

thread_local! {
    static TURN: Turn = const {
        Turn {
            gathered: Cell::new(false),
            scheduled: Cell::new(false),
            groups: RefCell::new(Vec::new()),
            left: RefCell::new(Vec::new()),
        }
    };
}

/// What this thread's loop has to do when the tasks that are ready now have run.
struct Turn {
    /// Some group has gathered messages.
    gathered: Cell<bool>,
    /// A task for the end of the turn is on its way.
    scheduled: Cell<bool>,
    groups: RefCell<Vec<Gathering>>,
    left: RefCell<Vec<HeldSeat>>,
}

/// Sends what groups have gathered, before something that must not overtake it.
#[inline]
pub(super) fn settle() {
    if TURN.with(|turn| turn.gathered.get()) {
        send_gathered();
    }
}

/// Has a group flushed at the end of the turn.
pub(super) fn gather(group: Gathering) {
    TURN.with(|turn| {
        turn.groups.borrow_mut().push(group);
        turn.gathered.set(true);
    });
    schedule();
}

/// Has a socket that closes leave its groups at the end of the turn: it may be in the middle of being
/// sent to.
pub(super) fn leave(seats: &mut Vec<HeldSeat>) {
    if seats.is_empty() {
        return;
    }
    TURN.with(|turn| turn.left.borrow_mut().append(seats));
    schedule();
}

fn schedule() {
    if TURN.with(|turn| turn.scheduled.replace(true)) {
        return;
    }
    let end = End;
    if Handle::try_current().is_ok() {
        tokio::task::spawn_local(async move { end.reach() });
    }
    // Else the loop is gone, and so is everybody who could be sent to.
}

/// Dropped with its task at the latest, so that a loop that ended early leaves nothing behind.
struct End;

impl End {
    fn reach(self) {
        drop(self);
        send_gathered();
        let left = TURN.with(|turn| turn.left.take());
        left.into_iter().for_each(HeldSeat::give_up);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        TURN.with(|turn| turn.scheduled.set(false));
    }
}

#[cold]
fn send_gathered() {
    let groups = TURN.with(|turn| {
        turn.gathered.set(false);
        turn.groups.take()
    });
    for group in groups {
        group.send();
    }
}
