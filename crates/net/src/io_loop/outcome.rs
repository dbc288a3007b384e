//! What a task may return.

use std::fmt::Display;

/// What a task of the loop may return: nothing, or a `Result` whose error is logged.
///
/// Implemented for `()`, for every `Result` whose error can be displayed, and for `!`, which a task
/// that runs for ever returns.
///
/// # Examples
///
/// ```
/// use waterspout_net::Outcome;
///
/// assert_eq!(().failure(), None);
/// assert_eq!(Err::<(), _>("no such room").failure().as_deref(), Some("no such room"));
/// ```
#[diagnostic::on_unimplemented(
    message = "a task of the loop cannot return `{Self}`",
    label = "must return `()` or a `Result` whose error implements `Display`",
    note = "end an async block with `;` to return nothing"
)]
pub trait Outcome {
    /// Returns the text to log if the task failed.
    fn failure(self) -> Option<String>;
}

impl Outcome for () {
    fn failure(self) -> Option<String> {
        None
    }
}

impl<T, E: Display> Outcome for Result<T, E> {
    fn failure(self) -> Option<String> {
        // The alternate form: error types that carry a chain of causes print all of it.
        self.err().map(|error| format!("{error:#}"))
    }
}

#[expect(
    private_interfaces,
    reason = "the private names only spell `!`, which is public"
)]
impl Outcome for Never {
    fn failure(self) -> Option<String> {
        self
    }
}

/// The type `!`, which cannot be named yet: a task that loops for ever must be spawnable too.
type Never = <fn() -> ! as Returns>::Value;

/// Names what a function returns.
trait Returns {
    type Value;
}

impl<T> Returns for fn() -> T {
    type Value = T;
}
