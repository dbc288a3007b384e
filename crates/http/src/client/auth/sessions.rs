//! Nonces that servers gave, so that later requests need not be refused first.

use std::cell::RefCell;
use std::collections::HashMap;

use super::{Asked, Entity};
use crate::client::FetchError;

/// Servers whose nonces are kept; beyond that all are forgotten.
const MAX_SESSIONS: usize = 256;

/// The nonces of a client: by origin and user.
#[derive(Debug, Default)]
pub(in crate::client) struct Sessions {
    known: RefCell<HashMap<(String, String), Session>>,
}

#[derive(Debug)]
struct Session {
    asked: Asked,
    /// How many requests used the nonce (RFC 7616 §3.4, `nc`).
    count: u32,
}

impl Sessions {
    /// Keeps what a server asked for, in place of what it asked for before.
    pub(in crate::client) fn keep(&self, origin: String, user: &str, asked: Asked) {
        let mut known = self.known.borrow_mut();
        if known.len() >= MAX_SESSIONS {
            known.clear();
        }
        known.insert((origin, user.to_owned()), Session { asked, count: 0 });
    }

    /// Makes the value of `Authorization`, if this origin has asked for one.
    pub(in crate::client) fn answer(
        &self,
        origin: String,
        whom: (&str, &str),
        what: (&str, &str),
        entity: Entity<'_>,
    ) -> Result<Option<String>, FetchError> {
        let mut known = self.known.borrow_mut();
        let Some(session) = known.get_mut(&(origin, whom.0.to_owned())) else {
            return Ok(None);
        };
        session.count = session.count.saturating_add(1);
        session
            .asked
            .answer(session.count, whom, what, entity)
            .map(Some)
    }
}
