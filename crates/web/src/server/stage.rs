//! How the workers of a server learn that it is to stop.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use tokio::sync::watch;

/// How far a server has come in stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Serving,
    /// Requests that have begun are answered.
    Draining,
    /// Everything ends now.
    Stopping,
}

/// Waits until the server has come to a stage, or nobody is left to say so.
pub(super) async fn reached(stages: &mut watch::Receiver<Stage>, stage: Stage) {
    _ = stages.wait_for(|now| *now >= stage).await;
}

/// Waits for the first of two futures; of two that are ready the first counts.
pub(crate) async fn first<A: Future, B: Future>(a: A, b: B) -> First<A::Output, B::Output> {
    let (mut a, mut b) = (pin!(a), pin!(b));
    poll_fn(|cx| {
        if let Poll::Ready(output) = a.as_mut().poll(cx) {
            return Poll::Ready(First::A(output));
        }
        b.as_mut().poll(cx).map(First::B)
    })
    .await
}

/// Which of two futures was first.
#[derive(Debug)]
pub(crate) enum First<A, B> {
    A(A),
    B(B),
}
