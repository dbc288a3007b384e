//! A function that is called with every connection.

use std::cell::RefCell;
use std::fmt;
use std::future::poll_fn;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::rc::Rc;
use std::task::Poll;

use tokio::task::AbortHandle;

use super::{BoundSocket, Listener, PeerAddr};
use crate::io_loop::{Guarded, log_panic};
use crate::{IoLoop, IoStream};

/// Calls `callback` with every connection that comes in on `socket`, as Tornado's function of this
/// name. What the callback does not keep is closed.
///
/// It is the step below [`TcpServer`](super::TcpServer), which starts a task for each connection. A
/// panic of the callback is logged, and the next connection is accepted. After a number of connections
/// others have their turn.
///
/// # Errors
///
/// The error of the system if the loop cannot watch the socket.
///
/// # Panics
///
/// Panics if no loop runs on this thread.
///
/// # Examples
///
/// ```
/// use std::{cell::RefCell, rc::Rc};
/// use waterspout_net::{BindOptions, IoLoop, IoStream, add_accept_handler, bind_sockets};
///
/// let socket = bind_sockets(0, BindOptions::default().address("127.0.0.1"))?.remove(0);
/// let port = socket.local_addr()?.port().unwrap();
/// IoLoop::new()?.run_sync(async {
///     let clients = Rc::new(RefCell::new(Vec::new()));
///     let there = Rc::clone(&clients);
///     let accepting = add_accept_handler(socket, move |stream, peer| {
///         println!("{peer} is here");
///         there.borrow_mut().push(stream);
///     })?;
///     let mut client = IoStream::connect_tcp(([127, 0, 0, 1], port).into()).await?;
///     while clients.borrow().is_empty() {
///         tokio::task::yield_now().await;
///     }
///     accepting.remove();
///     clients.take();
///     assert!(client.read_bytes(1).await.unwrap_err().is_closed());
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn add_accept_handler<F>(socket: BoundSocket, mut callback: F) -> io::Result<AcceptHandler>
where
    F: FnMut(IoStream, PeerAddr) + 'static,
{
    let slot = Rc::new(RefCell::new(Some(Listener::from_bound(socket)?)));
    let listener = Rc::clone(&slot);
    let name = std::any::type_name::<F>();
    let accept = async move {
        let next = || {
            poll_fn(|cx| match &mut *listener.borrow_mut() {
                Some(listener) => listener.poll_accept(cx).map(Some),
                None => Poll::Ready(None),
            })
        };
        while let Some((stream, peer)) = next().await {
            let called = catch_unwind(AssertUnwindSafe(|| callback(stream, peer)));
            if let Err(panic) = called {
                log_panic(name, panic.as_ref());
            }
        }
    };
    let task = IoLoop::current().spawn_abortable(Guarded::callback::<F>(accept));
    Ok(AcceptHandler { slot, task })
}

/// Takes an accept handler out; from [`add_accept_handler`]. Dropping it leaves the handler there.
pub struct AcceptHandler {
    /// Empty as soon as the handler is removed.
    slot: Rc<RefCell<Option<Listener>>>,
    task: Option<AbortHandle>,
}

impl AcceptHandler {
    /// Removes the handler and closes the socket; also inside the callback, which is not called any
    /// more then, though others may have connected. A clone of the [`BoundSocket`] stays open. Removing
    /// twice changes nothing.
    pub fn remove(&self) {
        let listener = self.slot.take();
        drop(listener);
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}

impl fmt::Debug for AcceptHandler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AcceptHandler")
            .field("removed", &self.slot.borrow().is_none())
            .finish_non_exhaustive()
    }
}
