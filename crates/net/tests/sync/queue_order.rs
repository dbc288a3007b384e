use std::cmp::Reverse;

use waterspout_net::sync::{LifoQueue, PriorityQueue};

use super::support::Polled;

#[test]
fn a_priority_queue_gives_the_smallest_first() {
    let queue = PriorityQueue::new(0);
    for (rank, item) in [(1, 'a'), (0, 'b'), (10, 'c'), (0, 'a')] {
        queue.put_nowait((rank, item)).unwrap();
    }
    let taken: Vec<_> = (0..4).map(|_| queue.get_nowait().unwrap()).collect();
    assert_eq!(taken, [(0, 'a'), (0, 'b'), (1, 'a'), (10, 'c')]);
}

#[test]
fn a_priority_queue_gives_the_largest_first_when_reversed() {
    let queue = PriorityQueue::new(0);
    for number in [2, 3, 1] {
        queue.put_nowait(Reverse(number)).unwrap();
    }
    assert_eq!(queue.get_nowait(), Ok(Reverse(3)));
}

#[test]
fn a_priority_queue_sorts_the_item_of_a_putter_in_before_it_gives_one() {
    let queue = PriorityQueue::new(2);
    queue.put_nowait(1).unwrap();
    queue.put_nowait(0).unwrap();
    let _putters = [3, 2].map(|number| Polled::waiting(queue.put(number)));
    let taken: Vec<_> = (0..4).map(|_| queue.get_nowait().unwrap()).collect();
    assert_eq!(taken, [0, 1, 2, 3]);
}

#[test]
fn a_lifo_queue_gives_the_newest_first() {
    let queue = LifoQueue::new(0);
    for number in [1, 2, 0, 3] {
        queue.put_nowait(number).unwrap();
    }
    let taken: Vec<_> = (0..4).map(|_| queue.get_nowait().unwrap()).collect();
    assert_eq!(taken, [3, 0, 2, 1]);
}

#[test]
fn a_lifo_queue_takes_the_item_of_a_putter_in_before_it_gives_one() {
    let queue = LifoQueue::new(2);
    queue.put_nowait(1).unwrap();
    queue.put_nowait(0).unwrap();
    let _putters = [3, 2].map(|number| Polled::waiting(queue.put(number)));
    let taken: Vec<_> = (0..4).map(|_| queue.get_nowait().unwrap()).collect();
    assert_eq!(taken, [3, 2, 0, 1]);
}

#[test]
fn all_orders_have_the_same_waits() {
    let queue = LifoQueue::new(0);
    let mut first = Polled::waiting(queue.get());
    let mut second = Polled::waiting(queue.get());
    queue.put_nowait('a').unwrap();
    assert_eq!(first.ready(), 'a');
    queue.put_nowait('b').unwrap();
    assert_eq!(second.ready(), 'b');
}
