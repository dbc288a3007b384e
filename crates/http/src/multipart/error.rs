use std::fmt;

/// Why a form in parts is refused: 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MultipartError(&'static str);

impl MultipartError {
    pub(super) const fn new(problem: &'static str) -> Self {
        Self(problem)
    }
}

impl fmt::Display for MultipartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for MultipartError {}
