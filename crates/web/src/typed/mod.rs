//! Values of a type of the program from what a client sent: serde on one side, and on the other named
//! arguments or JSON. Every error names the field.

mod error;
mod json;
mod pairs;
mod value;

use serde::de::DeserializeOwned;

use self::error::TypedError;
use self::pairs::Pairs;
use crate::arguments::Arguments;
use crate::error::{HttpError, Result};

pub(crate) use json::from_json;

/// The longest text about a bad value, which may hold what the client sent.
const MAX_MESSAGE: usize = 300;

/// Makes a value of arguments. A name that came more than once is a list.
pub(crate) fn from_arguments<T: DeserializeOwned>(arguments: &Arguments) -> Result<T> {
    let mut pairs = Pairs::with_capacity(arguments.len());
    for text in arguments.texts() {
        let (name, value) = text?;
        pairs.push(name, value);
    }
    T::deserialize(pairs).map_err(|error| refused(&error, "argument"))
}

/// Makes a value of what a route's pattern captured.
pub(crate) fn from_captures<T: DeserializeOwned>(captures: &[(Box<str>, String)]) -> Result<T> {
    let mut pairs = Pairs::with_capacity(captures.len());
    for (name, value) in captures {
        pairs.push(name, value.into());
    }
    T::deserialize(pairs).map_err(|error| refused(&error, "path parameter"))
}

fn refused(error: &TypedError, kind: &str) -> crate::Error {
    refuse(error.describe(kind), error.describe_without_value(kind))
}

/// A 400 with texts that are not too long. The one for the log does not repeat what the client sent, which
/// may be a password in the wrong field.
fn refuse(message: String, log_message: String) -> crate::Error {
    HttpError::bad_request(shortened(message))
        .with_log_message(shortened(log_message))
        .into()
}

fn shortened(mut message: String) -> String {
    if let Some((end, _)) = message.char_indices().nth(MAX_MESSAGE) {
        message.truncate(end);
        message.push('…');
    }
    message
}

#[cfg(test)]
mod tests;
