//! JSON bodies.

use serde::de::DeserializeOwned;

use super::refuse;
use crate::error::Result;

/// How the paths of the whole, and of what has no name yet, are written.
const NOWHERE: [&str; 2] = [".", "?"];

/// A longer path tells nobody where it leads.
const MAX_PATH: usize = 100;

/// Reads a value; an error names the field, and the line and column.
pub(crate) fn from_json<T: DeserializeOwned>(body: &[u8]) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        let (message, log_message) = describe::<T>(body, &error);
        refuse(message, log_message)
    })
}

/// Reads once more, noting the path to each value: only what is wrong pays for that. Returns the texts for
/// the client and for the log; the second repeats no value.
#[cold]
fn describe<T: DeserializeOwned>(body: &[u8], error: &serde_json::Error) -> (String, String) {
    if body.is_empty() {
        let text = "Invalid JSON: the body is empty";
        return (text.to_owned(), text.to_owned());
    }
    let (line, column) = (error.line(), error.column());
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let result: Result<T, _> = serde_path_to_error::deserialize(&mut deserializer);
    let located = result.err().map(|located| {
        let path = located.path().to_string();
        (path, located.into_inner())
    });
    match located {
        Some((path, inner)) if !NOWHERE.contains(&&*path) && path.len() <= MAX_PATH => {
            let log_message = format!("Invalid JSON: {path} at line {line} column {column}");
            (format!("Invalid JSON: {path}: {inner}"), log_message)
        }
        _ => {
            let log_message = format!("Invalid JSON at line {line} column {column}");
            (format!("Invalid JSON: {error}"), log_message)
        }
    }
}
