//! Reading the certificates anew while the server runs.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use tokio::signal::unix::{SignalKind, signal};
use tokio::time::sleep;

use super::certificates::Certificates;

/// Reads the files anew at SIGHUP, and when they have changed. Never completes.
pub(super) async fn watch(certificates: Arc<Certificates>, interval: Option<Duration>) {
    let mut hang_up = signal(SignalKind::hangup()).ok();
    loop {
        let forced = {
            let mut by_signal = pin!(async {
                match &mut hang_up {
                    Some(signal) => signal.recv().await,
                    None => std::future::pending().await,
                }
            });
            let mut by_time = pin!(async {
                match interval {
                    Some(interval) => sleep(interval).await,
                    None => std::future::pending().await,
                }
            });
            std::future::poll_fn(|cx| {
                if by_signal.as_mut().poll(cx).is_ready() {
                    return std::task::Poll::Ready(true);
                }
                by_time.as_mut().poll(cx).map(|()| false)
            })
            .await
        };
        let certificates = Arc::clone(&certificates);
        // Files may lie on a slow disk. A failure of the pool itself leaves it to the next round.
        _ = tokio::task::spawn_blocking(move || renew(&certificates, forced)).await;
    }
}

fn renew(certificates: &Certificates, forced: bool) {
    if !forced && !certificates.has_changed() {
        return;
    }
    match certificates.reload() {
        Ok(()) => tracing::info!("read the certificates anew; new connections get them"),
        Err(error) => tracing::error!(
            "cannot use the certificates that have changed, those from before stay: {error:#}"
        ),
    }
}
