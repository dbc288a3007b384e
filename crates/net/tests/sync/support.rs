//! What several files need.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use waterspout_net::IoLoop;

/// A short time on a clock that stands still until everybody waits.
pub(crate) const SHORT: Duration = Duration::from_millis(10);

/// A longer one.
pub(crate) const LONG: Duration = Duration::from_secs(3600);

/// Runs a future on a new loop whose clock jumps from timer to timer.
pub(crate) fn run<F: Future>(future: F) -> F::Output {
    IoLoop::new().unwrap().run_sync(async {
        tokio::time::pause();
        tokio::time::timeout(100 * LONG, future)
            .await
            .expect("the test hangs")
    })
}

/// A future that is polled by hand.
pub(crate) struct Polled<F> {
    future: Pin<Box<F>>,
    wakes: Arc<Wakes>,
}

#[derive(Default)]
struct Wakes(AtomicUsize);

impl Wake for Wakes {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

impl<F: Future> Polled<F> {
    /// Takes a future without polling it.
    pub(crate) fn new(future: F) -> Self {
        Self {
            future: Box::pin(future),
            wakes: Arc::default(),
        }
    }

    /// Takes a future that waits when it is first polled.
    pub(crate) fn waiting(future: F) -> Self {
        let mut polled = Self::new(future);
        assert!(polled.poll().is_pending(), "it should wait");
        polled
    }

    pub(crate) fn poll(&mut self) -> Poll<F::Output> {
        let waker = Waker::from(Arc::clone(&self.wakes));
        self.future.as_mut().poll(&mut Context::from_waker(&waker))
    }

    /// Polls a future that must be ready.
    pub(crate) fn ready(&mut self) -> F::Output {
        match self.poll() {
            Poll::Ready(output) => output,
            Poll::Pending => panic!("it should be ready"),
        }
    }

    /// Tells how often it was woken.
    pub(crate) fn wakes(&self) -> usize {
        self.wakes.0.load(Ordering::Relaxed)
    }
}

/// Runs a future on a loop and returns what this thread logged meanwhile.
pub(crate) fn logged<F: Future>(future: F) -> String {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let _default = tracing_subscriber::util::SubscriberInitExt::set_default(subscriber);
    run(future);
    let text = log.0.lock().unwrap().clone();
    String::from_utf8(text).unwrap()
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
