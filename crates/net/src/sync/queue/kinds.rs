//! The three kinds of queues.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::OrderedQueue;

/// A queue between tasks that gives the oldest item first.
///
/// All methods are those of [`OrderedQueue`].
///
/// # Examples
///
/// ```
/// use std::rc::Rc;
/// use waterspout_net::{IoLoop, sync::Queue};
///
/// IoLoop::new()?.run_sync(async {
///     let numbers = Rc::new(Queue::new(2));
///     let source = Rc::clone(&numbers);
///     IoLoop::current().spawn_callback(async move {
///         for number in 0..5 {
///             source.put(number).await;
///         }
///     });
///     for expected in 0..5 {
///         assert_eq!(numbers.get().await, expected);
///     }
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub type Queue<T> = OrderedQueue<T, VecDeque<T>>;

/// A queue between tasks that gives the smallest item first.
///
/// To give items a rank, put pairs `(rank, item)`; for the largest first, wrap them in
/// [`Reverse`]. All methods are those of [`OrderedQueue`].
///
/// # Examples
///
/// ```
/// use waterspout_net::sync::PriorityQueue;
///
/// let work = PriorityQueue::new(0);
/// for job in [(1, "medium"), (0, "high"), (10, "low")] {
///     work.put_nowait(job)?;
/// }
/// assert_eq!(work.get_nowait()?, (0, "high"));
/// assert_eq!(work.get_nowait()?, (1, "medium"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type PriorityQueue<T> = OrderedQueue<T, BinaryHeap<Reverse<T>>>;

/// A queue between tasks that gives the newest item first.
///
/// All methods are those of [`OrderedQueue`].
///
/// # Examples
///
/// ```
/// use waterspout_net::sync::LifoQueue;
///
/// let stack = LifoQueue::new(0);
/// stack.put_nowait("first")?;
/// stack.put_nowait("second")?;
/// assert_eq!(stack.get_nowait()?, "second");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub type LifoQueue<T> = OrderedQueue<T, Vec<T>>;
