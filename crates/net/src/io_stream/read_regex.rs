//! Regular expressions that a read ends at.

use std::error::Error;
use std::fmt;

use regex::bytes::Regex;

/// A regular expression over octets, for [`read_until_regex`](super::IoStream::read_until_regex).
///
/// The syntax is that of the crate `regex`, without look-around and back-references, which keeps the
/// time to search linear. Made once and used for many reads. Octets beyond ASCII are written
/// `(?-u:\xff)`.
///
/// # Examples
///
/// ```
/// use waterspout_net::ReadRegex;
///
/// assert_eq!(ReadRegex::new(r"\r?\n\r?\n")?.as_str(), r"\r?\n\r?\n");
/// let error = ReadRegex::new("(").unwrap_err();
/// assert!(error.to_string().contains("cannot read until `(`"));
/// # Ok::<(), waterspout_net::InvalidReadRegex>(())
/// ```
#[derive(Debug, Clone)]
pub struct ReadRegex {
    regex: Regex,
}

impl ReadRegex {
    /// Compiles an expression.
    ///
    /// # Errors
    ///
    /// [`InvalidReadRegex`]; its source shows the place of the mistake.
    pub fn new(expression: &str) -> Result<Self, InvalidReadRegex> {
        match Regex::new(expression) {
            Ok(regex) => Ok(Self { regex }),
            Err(error) => Err(InvalidReadRegex {
                expression: expression.to_owned(),
                error,
            }),
        }
    }

    /// Returns the expression.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.regex.as_str()
    }

    pub(super) fn find_end(&self, bytes: &[u8]) -> Option<usize> {
        self.regex.find(bytes).map(|found| found.end())
    }
}

/// The error of an expression that does not compile.
#[derive(Debug, Clone)]
pub struct InvalidReadRegex {
    expression: String,
    error: regex::Error,
}

impl fmt::Display for InvalidReadRegex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "cannot read until `{}`: correct the regular expression",
            self.expression
        )
    }
}

impl Error for InvalidReadRegex {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&self.error)
    }
}
