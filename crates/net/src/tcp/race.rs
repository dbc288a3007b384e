//! Which address to use, by trying: happy eyeballs (RFC 8305 §5).

use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Instant, sleep};

/// How long one address is tried alone before the next is tried beside it, as in Tornado.
pub(super) const HEAD_START: Duration = Duration::from_millis(300);

type Attempt<T> = Pin<Box<dyn Future<Output = io::Result<T>>>>;

/// Tries the addresses until one works: the next begins when one has failed, or when the last has
/// had its head start. What is still being tried when one works is dropped. If none works, the error
/// is the last.
pub(super) async fn race<T, F>(
    addresses: Vec<SocketAddr>,
    dial: impl Fn(SocketAddr) -> F,
) -> io::Result<T>
where
    F: Future<Output = io::Result<T>> + 'static,
{
    let mut waiting: VecDeque<_> = interleave(addresses).into();
    let mut attempts: Vec<Attempt<T>> = Vec::new();
    let mut head_start = pin!(sleep(HEAD_START));
    let mut last = io::Error::new(io::ErrorKind::AddrNotAvailable, "no address to connect to");
    let mut start_next = true;
    poll_fn(|cx| {
        loop {
            if start_next && let Some(address) = waiting.pop_front() {
                attempts.push(Box::pin(dial(address)));
                head_start.as_mut().reset(Instant::now() + HEAD_START);
            }
            start_next = false;
            match poll_attempts(&mut attempts, cx) {
                Poll::Ready(Ok(connected)) => return Poll::Ready(Ok(connected)),
                Poll::Ready(Err(error)) => {
                    last = error;
                    start_next = true;
                }
                Poll::Pending if waiting.is_empty() => {}
                Poll::Pending => start_next = head_start.as_mut().poll(cx).is_ready(),
            }
            if attempts.is_empty() && waiting.is_empty() {
                let error = std::mem::replace(&mut last, io::ErrorKind::Other.into());
                return Poll::Ready(Err(error));
            }
            if !start_next {
                return Poll::Pending;
            }
        }
    })
    .await
}

/// Ready when one attempt has ended; a failed one is gone then.
fn poll_attempts<T>(attempts: &mut Vec<Attempt<T>>, cx: &mut Context<'_>) -> Poll<io::Result<T>> {
    for index in 0..attempts.len() {
        if let Poll::Ready(ended) = attempts[index].as_mut().poll(cx) {
            drop(attempts.swap_remove(index));
            return Poll::Ready(ended);
        }
    }
    Poll::Pending
}

/// Has the families take turns, that of the first address first (RFC 8305 §4).
fn interleave(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let first = addresses.first().map(SocketAddr::is_ipv4);
    let (primary, secondary): (Vec<_>, Vec<_>) = addresses
        .into_iter()
        .partition(|address| Some(address.is_ipv4()) == first);
    let mut ordered = Vec::with_capacity(primary.len() + secondary.len());
    let (mut primary, mut secondary) = (primary.into_iter(), secondary.into_iter());
    loop {
        let turn = [primary.next(), secondary.next()];
        if turn == [None, None] {
            return ordered;
        }
        ordered.extend(turn.into_iter().flatten());
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::rc::Rc;

    use super::*;

    /// What each port does: connect or fail, after so many milliseconds.
    type Script = fn(u16) -> (u64, bool);

    fn addresses(list: &[&str]) -> Vec<SocketAddr> {
        list.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// Runs a race on a paused clock; returns who won, after how long, and what was tried.
    fn run(list: &[&str], script: Script) -> (Result<u16, String>, u64, Vec<u16>) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let tried: Rc<RefCell<Vec<u16>>> = Rc::default();
            let began = Instant::now();
            let outcome = race(addresses(list), |address| {
                tried.borrow_mut().push(address.port());
                let (after, works) = script(address.port());
                async move {
                    sleep(Duration::from_millis(after)).await;
                    let failed = || io::Error::other(format!("{} failed", address.port()));
                    works.then(|| address.port()).ok_or_else(failed)
                }
            })
            .await
            .map_err(|error| error.to_string());
            let took = u64::try_from(began.elapsed().as_millis()).unwrap();
            (outcome, took, tried.take())
        })
    }

    const THREE: [&str; 3] = ["1.1.1.1:1", "1.1.1.1:2", "[::1]:6"];

    #[test]
    fn the_first_address_wins_if_it_works_within_its_head_start() {
        assert_eq!(run(&THREE, |_| (200, true)), (Ok(1), 200, vec![1]));
    }

    #[test]
    fn a_failure_starts_the_other_family_at_once() {
        let (won, took, tried) = run(&THREE, |port| (10, port == 6));
        assert_eq!((won, took, tried), (Ok(6), 20, vec![1, 6]));
    }

    #[test]
    fn a_slow_address_gets_company_after_300_ms_and_may_still_win() {
        let script: Script = |port| (if port == 1 { 400 } else { 5000 }, true);
        assert_eq!(run(&THREE, script), (Ok(1), 400, vec![1, 6]));
        let script: Script = |port| (if port == 1 { 5000 } else { 50 }, true);
        assert_eq!(run(&THREE, script), (Ok(6), 350, vec![1, 6]));
    }

    #[test]
    fn the_last_error_is_told_when_all_fail() {
        let (won, _, tried) = run(&THREE, |port| (u64::from(port), false));
        assert_eq!((won, tried), (Err("2 failed".to_owned()), vec![1, 6, 2]));
        assert!(run(&[], |_| (0, true)).0.is_err());
    }

    #[test]
    fn the_families_take_turns() {
        let list = ["[::1]:1", "[::1]:2", "[::1]:3", "1.1.1.1:4"];
        let ports: Vec<_> = interleave(addresses(&list))
            .iter()
            .map(SocketAddr::port)
            .collect();
        assert_eq!(ports, [1, 4, 2, 3]);
    }
}
