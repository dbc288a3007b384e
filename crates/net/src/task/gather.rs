//! Waiting for all of several futures.

use std::fmt::Display;
use std::future::poll_fn;

use super::children::Children;

/// Runs futures side by side and returns all that they return, in the order of the list.
///
/// What they return may be `Result`s; each is handed out as it is. For one `Result` of all, take
/// [`multi`]. Futures of different types need [`boxed`](super::boxed).
///
/// # Cancel safety
///
/// The futures are dropped with this one.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_net::{IoLoop, task::{gather, sleep}};
///
/// async fn answer(number: u64) -> u64 {
///     sleep(Duration::from_millis(10 - number)).await;
///     number
/// }
///
/// let answers = IoLoop::new()?.run_sync(gather([answer(1), answer(2), answer(3)]));
/// assert_eq!(answers, [1, 2, 3]);
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn gather<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut children = Children::new(futures);
    let mut outputs: Vec<_> = (0..children.left()).map(|_| None).collect();
    while let Some((index, output)) = poll_fn(|cx| children.poll_next(cx)).await {
        outputs[index] = Some(output);
    }
    outputs.into_iter().flatten().collect()
}

/// Runs futures side by side, waits for **all** of them, and returns their values in the order of
/// the list, or the first error in that order.
///
/// No future is cut short because another failed. Errors after the first are logged, since they would be
/// lost otherwise; to have them all, and nothing logged, take [`gather`].
///
/// # Errors
///
/// The error of the first future in the list that failed, whichever failed first in time.
///
/// # Cancel safety
///
/// The futures are dropped with this one.
///
/// # Examples
///
/// ```
/// use waterspout_net::{IoLoop, task::multi};
///
/// async fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
///     text.parse()
/// }
///
/// let io_loop = IoLoop::new()?;
/// assert_eq!(io_loop.run_sync(multi([parse("1"), parse("2")])), Ok(vec![1, 2]));
/// let failed = io_loop.run_sync(multi([parse("1"), parse("x"), parse("999")]));
/// assert_eq!(failed.unwrap_err().to_string(), "invalid digit found in string");
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn multi<F, T, E>(futures: impl IntoIterator<Item = F>) -> Result<Vec<T>, E>
where
    F: Future<Output = Result<T, E>>,
    E: Display,
{
    first_error(gather(futures).await)
}

/// Does what [`multi`] does for a map of futures: returns a map of their values under the same keys.
///
/// # Errors
///
/// The error of the first future in the order of the map that failed.
///
/// # Cancel safety
///
/// The futures are dropped with this one.
///
/// # Examples
///
/// ```
/// use std::collections::BTreeMap;
/// use std::io;
/// use waterspout_net::{IoLoop, task::multi_map};
///
/// async fn length(text: &str) -> io::Result<usize> {
///     Ok(text.len())
/// }
///
/// let lengths: BTreeMap<_, _> = IoLoop::new()?
///     .run_sync(multi_map([("a", length("one")), ("b", length("three"))]))?;
/// assert_eq!(lengths, BTreeMap::from([("a", 3), ("b", 5)]));
/// # Ok::<(), std::io::Error>(())
/// ```
pub async fn multi_map<K, F, T, E, C>(futures: impl IntoIterator<Item = (K, F)>) -> Result<C, E>
where
    F: Future<Output = Result<T, E>>,
    E: Display,
    C: FromIterator<(K, T)>,
{
    let (keys, futures): (Vec<_>, Vec<_>) = futures.into_iter().unzip();
    let values = multi(futures).await?;
    Ok(keys.into_iter().zip(values).collect())
}

/// Returns all values or the first error, and logs the other errors.
fn first_error<T, E: Display>(results: Vec<Result<T, E>>) -> Result<Vec<T>, E> {
    let mut values = Vec::with_capacity(results.len());
    let mut first = None;
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(error) if first.is_none() => first = Some(error),
            Err(error) => {
                tracing::error!("multiple errors in multi, this one not returned: {error:#}")
            }
        }
    }
    match first {
        Some(error) => Err(error),
        None => Ok(values),
    }
}
