//! What stays of the opening request.

use waterspout_http::Bytes;

use crate::arguments::Arguments;
use crate::context::Context;
use crate::error::{HttpError, Misuse, Result};

/// What a WebSocket keeps of its request, if there is anything to keep.
#[derive(Debug)]
pub(super) struct Seed {
    captures: Vec<(Box<str>, String)>,
    query: Option<Bytes>,
    subprotocol: Option<String>,
}

impl Seed {
    pub(super) fn of<S>(cx: &Context<S>, subprotocol: Option<String>) -> Option<Box<Self>> {
        let captures = cx.captures_by_name();
        let query = cx.request().query().map(str::as_bytes);
        let query = query.map(Bytes::copy_from_slice);
        if captures.is_empty() && query.is_none() && subprotocol.is_none() {
            return None;
        }
        Some(Box::new(Self {
            captures,
            query,
            subprotocol,
        }))
    }

    pub(super) fn capture(&self, name: &str) -> Result<&str> {
        let mut captures = self.captures.iter();
        match captures.find(|(known, _)| &**known == name) {
            Some((_, value)) => Ok(value),
            None => Err(no_parameter(name)),
        }
    }

    pub(super) fn argument(&self, name: &str) -> Result<Option<String>> {
        match &self.query {
            Some(query) => Arguments::parse(query)?.last(name),
            None => Ok(None),
        }
    }

    pub(super) fn subprotocol(&self) -> Option<&str> {
        self.subprotocol.as_deref()
    }
}

pub(super) fn no_parameter(name: &str) -> crate::Error {
    Misuse::new(format!("the route has no parameter {name:?}")).into()
}

pub(super) fn bad_parameter(name: &str, error: &dyn std::fmt::Display) -> crate::Error {
    HttpError::bad_request(format!("Invalid path parameter {name}: {error}")).into()
}
