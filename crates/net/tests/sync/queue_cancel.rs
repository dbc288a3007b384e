//! A future of a queue is dropped at each of its awaits: nothing is lost and nobody is forgotten.

use std::rc::Rc;

use proptest::prelude::*;
use waterspout_net::sync::{LifoQueue, Queue};

use super::support::Polled;

#[test]
fn a_getter_that_was_never_polled_takes_nothing() {
    let queue = Queue::new(0);
    queue.put_nowait(1).unwrap();
    drop(queue.get());
    assert_eq!(queue.get_nowait(), Ok(1));
}

#[test]
fn a_dropped_getter_loses_its_place() {
    let queue = Queue::new(0);
    let gone = Polled::waiting(queue.get());
    let mut next = Polled::waiting(queue.get());
    drop(gone);
    queue.put_nowait(1).unwrap();
    assert_eq!(next.ready(), 1);
}

#[test]
fn a_getter_that_is_dropped_after_it_was_called_passes_its_turn_on() {
    let queue = Queue::new(0);
    let gone = Polled::waiting(queue.get());
    let mut next = Polled::waiting(queue.get());
    queue.put_nowait(1).unwrap();
    assert_eq!((gone.wakes(), next.wakes()), (1, 0));
    drop(gone);
    assert_eq!(next.wakes(), 1);
    assert_eq!(next.ready(), 1);
}

#[test]
fn what_a_dropped_getter_was_called_for_stays_in_its_place() {
    let queue = Queue::new(1);
    let gone = Polled::waiting(queue.get());
    queue.put_nowait(1).unwrap();
    queue.put_nowait(2).unwrap();
    drop(gone);
    // One more than the limit for once; nobody is let in before it is gone.
    assert_eq!((queue.qsize(), queue.is_full()), (2, true));
    let mut putter = Polled::waiting(queue.put(3));
    assert_eq!(queue.get_nowait(), Ok(1));
    assert!(putter.poll().is_pending());
    assert_eq!(queue.get_nowait(), Ok(2));
    putter.ready();
    assert_eq!(queue.get_nowait(), Ok(3));
}

#[test]
fn a_dropped_putter_takes_its_item_with_it() {
    let queue = Queue::new(1);
    let item = Rc::new(());
    queue.put_nowait(Rc::new(())).unwrap();
    drop(queue.put(Rc::clone(&item)));
    drop(Polled::waiting(queue.put(Rc::clone(&item))));
    assert_eq!(Rc::strong_count(&item), 1);
    queue.get_nowait().unwrap();
    assert!(queue.get_nowait().is_err());
}

#[test]
fn the_item_of_a_putter_that_was_let_in_stays_when_it_is_dropped() {
    let queue = Queue::new(1);
    queue.put_nowait(1).unwrap();
    let gone = Polled::waiting(queue.put(2));
    let mut next = Polled::waiting(queue.put(3));
    assert_eq!(queue.get_nowait(), Ok(1));
    drop(gone);
    assert!(next.poll().is_pending());
    assert_eq!(queue.get_nowait(), Ok(2));
    next.ready();
    assert_eq!(queue.get_nowait(), Ok(3));
}

#[test]
fn an_item_may_use_the_queue_while_it_is_dropped() {
    struct Nosy(Option<Rc<LifoQueue<Self>>>);
    impl Drop for Nosy {
        fn drop(&mut self) {
            if let Some(queue) = &self.0 {
                _ = queue.put_nowait(Self(None));
            }
        }
    }
    let queue = Rc::new(LifoQueue::new(1));
    queue.put_nowait(Nosy(None)).unwrap();
    drop(Polled::waiting(queue.put(Nosy(Some(Rc::clone(&queue))))));
    assert_eq!(queue.qsize(), 1);
}

proptest! {
    /// Puts, gets and drops in any order, each future polled any number of times.
    #[test]
    fn every_item_comes_out_once_and_in_order(
        maxsize in 0..4_usize,
        steps in prop::collection::vec((0..6_u8, any::<usize>()), 0..200),
    ) {
        let queue = Queue::new(maxsize);
        let (mut getters, mut putters) = (Vec::new(), Vec::new());
        let (mut taken, mut number) = (Vec::new(), 0);
        for (step, choice) in steps {
            match step {
                0 | 1 => {
                    putters.push(Polled::new(queue.put(number)));
                    number += 1;
                }
                2 => getters.push(Polled::new(queue.get())),
                3 if !getters.is_empty() => drop(getters.remove(choice % getters.len())),
                4 if !putters.is_empty() => drop(putters.remove(choice % putters.len())),
                _ => {
                    // In order, as a loop runs tasks that were woken in order.
                    putters.retain_mut(|putter| putter.poll().is_pending());
                    getters.retain_mut(|getter| match getter.poll() {
                        std::task::Poll::Ready(item) => {
                            taken.push(item);
                            false
                        }
                        std::task::Poll::Pending => true,
                    });
                    // Some were let in by these getters.
                    putters.retain_mut(|putter| putter.poll().is_pending());
                    prop_assert!(queue.is_empty() || getters.is_empty());
                    prop_assert!(putters.is_empty() || queue.is_full());
                }
            }
        }
        drop((getters, putters));
        while let Ok(item) = queue.get_nowait() {
            taken.push(item);
        }
        prop_assert!(taken.is_sorted_by(|a: &i32, b| a < b), "{:?}", taken);
    }
}
