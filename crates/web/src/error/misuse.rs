use std::borrow::Cow;
use std::fmt;

/// A handler asked for something that cannot be: a mistake in the program, and a 500.
#[derive(Debug)]
pub(crate) struct Misuse {
    problem: Cow<'static, str>,
}

impl Misuse {
    pub(crate) fn new(problem: impl Into<Cow<'static, str>>) -> Self {
        Self {
            problem: problem.into(),
        }
    }
}

impl fmt::Display for Misuse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem)
    }
}

impl std::error::Error for Misuse {}
