use waterspout_net::sync::Barrier;

use super::support::Polled;

#[test]
fn lets_all_go_when_the_last_has_come() {
    let barrier = Barrier::new(3);
    let mut first = Polled::waiting(barrier.wait());
    let mut second = Polled::waiting(barrier.wait());
    assert_eq!((barrier.waiting(), barrier.parties()), (2, 3));
    assert_eq!(Polled::new(barrier.wait()).ready(), 2);
    assert_eq!((first.ready(), second.ready()), (0, 1));
    assert_eq!(barrier.waiting(), 0);
}

#[test]
fn holds_again_after_all_have_gone() {
    let barrier = Barrier::new(2);
    for _ in 0..3 {
        let mut first = Polled::waiting(barrier.wait());
        assert_eq!(Polled::new(barrier.wait()).ready(), 1);
        let next = Polled::waiting(barrier.wait());
        assert_eq!(first.ready(), 0);
        drop(next);
    }
}

#[test]
fn holds_nobody_alone() {
    for parties in [0, 1] {
        assert_eq!(Polled::new(Barrier::new(parties).wait()).ready(), 0);
    }
}

#[test]
fn a_dropped_waiter_has_not_come() {
    let barrier = Barrier::new(3);
    let gone = Polled::waiting(barrier.wait());
    let mut first = Polled::waiting(barrier.wait());
    drop(gone);
    let mut second = Polled::waiting(barrier.wait());
    assert_eq!(Polled::new(barrier.wait()).ready(), 2);
    drop(barrier.wait());
    assert_eq!((first.ready(), second.ready()), (0, 1));
    assert_eq!(format!("{barrier:?}"), "Barrier { parties: 3, waiting: 0 }");
}
