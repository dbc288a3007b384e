use std::collections::BTreeMap;
use std::future::{Ready, ready};

use waterspout_net::task::{WaitIterator, callback_future};

use super::support::Polled;

#[test]
fn gives_what_is_ready_in_the_order_of_the_list() {
    let mut iterator = WaitIterator::new([24, 42, 84].map(ready));
    for expected in [(0, 24), (1, 42), (2, 84)] {
        assert_eq!(Polled::new(iterator.next()).ready(), Some(expected));
    }
    assert_eq!(Polled::new(iterator.next()).ready(), None);
    assert!(iterator.is_done());
}

#[test]
fn gives_results_as_they_come_with_their_index_and_goes_on_after_an_error() {
    let (completers, futures): (Vec<_>, Vec<_>) = (0..4).map(|_| callback_future()).unzip();
    let [first, second, third, fourth] = completers.try_into().unwrap();
    let mut iterator = WaitIterator::new(futures);
    let mut next = Polled::waiting(iterator.next());
    third.complete(24);
    assert_eq!(next.ready(), Some((2, Ok(24))));
    drop(next);
    first.fail("error");
    fourth.complete(84);
    second.complete(42);
    let mut rest = Vec::new();
    while let Some((index, result)) = Polled::new(iterator.next()).ready() {
        rest.push((index, result.map_err(|error| error.to_string())));
    }
    assert_eq!(
        rest,
        [(0, Err(String::from("error"))), (3, Ok(84)), (1, Ok(42))]
    );
}

#[test]
fn knows_futures_by_their_names() {
    let (completer, future) = callback_future::<_, String>();
    let mut iterator = WaitIterator::keyed(BTreeMap::from([("slow", future)]));
    let mut next = Polled::waiting(iterator.next());
    completer.complete(1);
    assert_eq!(next.ready(), Some(("slow", Ok(1))));
}

#[test]
fn is_done_at_once_without_futures() {
    let mut iterator = WaitIterator::new([] as [Ready<()>; 0]);
    assert!(iterator.is_done());
    assert_eq!(Polled::new(iterator.next()).ready(), None);
}

#[test]
fn loses_nothing_when_next_is_dropped() {
    let (completer, future) = callback_future::<_, String>();
    let mut iterator = WaitIterator::new([future]);
    drop(iterator.next());
    let waiting = Polled::waiting(iterator.next());
    completer.complete(5);
    assert_eq!(waiting.wakes(), 1);
    drop(waiting);
    assert!(!iterator.is_done());
    assert_eq!(Polled::new(iterator.next()).ready(), Some((0, Ok(5))));
}
