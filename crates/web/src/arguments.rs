//! Arguments of a query or a form: names with values, in the order they came.

use std::borrow::Cow;
use std::fmt;

use memchr::{memchr, memchr_iter};

use crate::error::{HttpError, Result};
use crate::percent;

/// The most arguments a query or a form may have; Tornado 6.6 has the same limit.
pub(crate) const MAX_ARGUMENTS: usize = 1000;

/// The arguments of a query string or of a form in a body.
///
/// Values are kept as bytes until they are asked for; text that is not UTF-8 is a 400 then.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Arguments {
    /// All names, one after the other.
    names: String,
    /// All values, decoded, one after the other.
    values: Vec<u8>,
    /// Where each name and its value end in these.
    ends: Vec<(usize, usize)>,
}

impl Arguments {
    /// Parses `application/x-www-form-urlencoded` text: of a query, or of a body.
    ///
    /// `+` is a blank, an argument without `=` has an empty value.
    ///
    /// # Errors
    ///
    /// Fails with a 400 if there are more than 1000 arguments.
    pub fn parse(text: &[u8]) -> Result<Self> {
        let count = memchr_iter(b'&', text).count() + 1;
        let mut arguments = Self {
            names: String::with_capacity(text.len().min(64)),
            values: Vec::with_capacity(text.len()),
            ends: Vec::with_capacity(count.min(MAX_ARGUMENTS)),
        };
        for field in text.split(|&byte| byte == b'&') {
            if field.is_empty() {
                continue;
            }
            if arguments.len() == MAX_ARGUMENTS {
                return Err(HttpError::bad_request("more than 1000 arguments").into());
            }
            let (name, value) = match memchr(b'=', field) {
                Some(at) => (&field[..at], &field[at + 1..]),
                None => (field, &b""[..]),
            };
            let name = percent::decode_form(name);
            match std::str::from_utf8(&name) {
                Ok(name) => arguments.names.push_str(name),
                Err(_) => arguments.names.push_str(&String::from_utf8_lossy(&name)),
            }
            percent::push_form_decoded(&mut arguments.values, value);
            arguments.end_pair();
        }
        Ok(arguments)
    }

    /// Adds a field of a form in parts, whose number has a limit of its own.
    pub(crate) fn push(&mut self, name: &str, value: &[u8]) {
        self.names.push_str(name);
        self.values.extend_from_slice(value);
        self.end_pair();
    }

    /// What was appended to names and values is an argument.
    fn end_pair(&mut self) {
        self.ends.push((self.names.len(), self.values.len()));
    }

    /// Returns the last value of a name, cleaned: see [`all`](Self::all).
    ///
    /// # Errors
    ///
    /// Fails with a 400 that names the argument if its value is not UTF-8.
    pub fn last(&self, name: &str) -> Result<Option<String>> {
        let pair = self.pairs().rev().find(|(known, _)| *known == name);
        let value = pair.map(|(_, value)| clean(name, value)).transpose()?;
        Ok(value.map(Cow::into_owned))
    }

    /// Returns every value of a name. Control characters become blanks, and blanks at both ends
    /// are taken away.
    ///
    /// # Errors
    ///
    /// Fails with a 400 that names the argument if a value is not UTF-8.
    pub fn all(&self, name: &str) -> Result<Vec<String>> {
        let pairs = self.pairs().filter(|(known, _)| *known == name);
        pairs
            .map(|(_, value)| Ok(clean(name, value)?.into_owned()))
            .collect()
    }

    /// Returns names and cleaned values, in the order they came.
    pub(crate) fn texts(&self) -> impl Iterator<Item = Result<(&str, Cow<'_, str>)>> {
        self.pairs()
            .map(|(name, value)| Ok((name, clean(name, value)?)))
    }

    /// Walks through all arguments as they came, values decoded and not cleaned.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.pairs()
    }

    fn pairs(&self) -> impl DoubleEndedIterator<Item = (&str, &[u8])> {
        (0..self.ends.len()).map(|index| {
            let (name_start, value_start) = match index.checked_sub(1) {
                Some(before) => self.ends[before],
                None => (0, 0),
            };
            let (name_end, value_end) = self.ends[index];
            let name = &self.names[name_start..name_end];
            (name, &self.values[value_start..value_end])
        })
    }

    /// Returns how many arguments there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Tells whether there are no arguments.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
}

impl fmt::Debug for Arguments {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.pairs()).finish()
    }
}

/// The error of an argument that is not there.
pub(crate) fn missing(name: &str) -> crate::Error {
    HttpError::bad_request(format!("Missing argument {name}")).into()
}

/// Applies Tornado's rules to a value: UTF-8, control characters to blanks, stripped.
fn clean<'v>(name: &str, value: &'v [u8]) -> Result<Cow<'v, str>> {
    let text = std::str::from_utf8(value).map_err(|_| {
        let shown = String::from_utf8_lossy(value);
        let shown: String = shown.chars().take(40).collect();
        HttpError::bad_request(format!("Invalid unicode in {name}: {shown:?}"))
            .with_log_message(format!("Invalid unicode in {name}"))
    })?;
    if text.bytes().any(is_control) {
        let text = text.replace(|c: char| c.is_ascii() && is_control(c as u8), " ");
        return Ok(Cow::Owned(text.trim().to_owned()));
    }
    Ok(Cow::Borrowed(text.trim()))
}

fn is_control(byte: u8) -> bool {
    matches!(byte, 0..=0x08 | 0x0e..=0x1f)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Arguments {
        Arguments::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn values_are_cleaned_as_tornado_does() {
        let arguments = parse("a=%20x%20&a=a%00b&a=%01&a=+y");
        assert_eq!(arguments.all("a").unwrap(), ["x", "a b", "", "y"]);
        assert_eq!(arguments.last("a").unwrap().unwrap(), "y");
        assert_eq!(arguments.last("b").unwrap(), None);
    }

    #[test]
    fn names_and_values_are_decoded() {
        let arguments = parse("na%6de=%C3%A9&&x&y=&z=1%2B1=2&%zz=%");
        assert_eq!(arguments.last("name").unwrap().unwrap(), "é");
        assert_eq!(arguments.last("x").unwrap().unwrap(), "");
        assert_eq!(arguments.last("z").unwrap().unwrap(), "1+1=2");
        assert_eq!(arguments.last("%zz").unwrap().unwrap(), "%");
        assert_eq!(arguments.len(), 5);
    }

    #[test]
    fn bad_utf_8_names_the_argument() {
        let error = parse("who=%ff").last("who").unwrap_err();
        assert_eq!(error.status(), http::StatusCode::BAD_REQUEST);
        assert!(
            error
                .message()
                .unwrap()
                .starts_with("Invalid unicode in who")
        );
    }

    #[test]
    fn the_thousand_and_first_argument_is_an_error() {
        assert_eq!(parse(&"a=1&".repeat(MAX_ARGUMENTS)).len(), MAX_ARGUMENTS);
        assert!(Arguments::parse("a&".repeat(MAX_ARGUMENTS + 1).as_bytes()).is_err());
    }
}
