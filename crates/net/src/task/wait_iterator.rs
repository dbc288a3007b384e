//! Results in the order in which they come.

use std::fmt;
use std::future::poll_fn;

use super::children::Children;

/// Runs futures side by side and gives what they return as it comes.
///
/// Those that are ready at once come in the order of the list. A future that fails does not end it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::{IoLoop, task::{WaitIterator, sleep}};
///
/// async fn answer(milliseconds: u64) -> u64 {
///     sleep(Duration::from_millis(milliseconds)).await;
///     milliseconds
/// }
///
/// IoLoop::new()?.run_sync(async {
///     let mut answers = WaitIterator::new([answer(40), answer(1)]);
///     assert_eq!(answers.next().await, Some((1, 1)));
///     assert_eq!(answers.next().await, Some((0, 40)));
///     assert_eq!(answers.next().await, None);
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct WaitIterator<K, F> {
    children: Children<F>,
    /// `None` for those that were given out.
    keys: Vec<Option<K>>,
}

impl<F: Future> WaitIterator<usize, F> {
    /// Takes a list of futures; each is known by its place in it.
    pub fn new(futures: impl IntoIterator<Item = F>) -> Self {
        Self::keyed(futures.into_iter().enumerate())
    }
}

impl<K, F: Future> WaitIterator<K, F> {
    /// Takes futures with names, from a map or from a list of pairs.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::future::ready;
    /// use waterspout_net::{IoLoop, task::WaitIterator};
    ///
    /// IoLoop::new()?.run_sync(async {
    ///     let mut answers = WaitIterator::keyed([("one", ready(1)), ("two", ready(2))]);
    ///     while let Some((name, value)) = answers.next().await {
    ///         println!("{name} is {value}");
    ///     }
    ///     assert!(answers.is_done());
    /// });
    /// # Ok::<(), std::io::Error>(())
    /// ```
    pub fn keyed(futures: impl IntoIterator<Item = (K, F)>) -> Self {
        let (keys, futures): (Vec<_>, Vec<_>) = futures
            .into_iter()
            .map(|(key, future)| (Some(key), future))
            .unzip();
        Self {
            children: Children::new(futures),
            keys,
        }
    }

    /// Tells whether all results were given out.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.children.left() == 0
    }

    /// Waits for the next result, and returns it with the name of its future; `None` after the last.
    ///
    /// # Cancel safety
    ///
    /// Nothing is lost when this future is dropped: the next call goes on.
    pub async fn next(&mut self) -> Option<(K, F::Output)> {
        let (index, output) = poll_fn(|cx| self.children.poll_next(cx)).await?;
        let key = self.keys[index].take()?;
        Some((key, output))
    }
}

impl<K, F> fmt::Debug for WaitIterator<K, F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WaitIterator")
            .field("children", &self.children)
            .finish_non_exhaustive()
    }
}
