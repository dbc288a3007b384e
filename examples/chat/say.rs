//! What is said, as JSON.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use waterspout::{HttpError, Result};

/// A message of a room. Everybody in it gets the same octets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub(crate) enum Said {
    /// Somebody says something.
    #[serde(rename = "said")]
    Words {
        /// Who.
        nick: String,
        /// What.
        text: String,
        /// Milliseconds since 1970.
        time: u64,
    },
    /// Somebody has come.
    Came {
        /// Who.
        nick: String,
    },
    /// Somebody has left.
    Left {
        /// Who.
        nick: String,
    },
}

/// What a client is told first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "type", rename = "welcome")]
pub(crate) struct Welcome {
    /// The place before the first message that follows: the client counts from here.
    pub(crate) position: String,
    /// Whether nothing is missing between what the client has seen and what follows.
    pub(crate) complete: bool,
    /// Who is there.
    pub(crate) names: Vec<String>,
}

/// Characters of a message, and of a name.
const MAX_TEXT: usize = 2000;
const MAX_NICK: usize = 24;

/// Names that are sent to a client at the most.
pub(crate) const MAX_NAMES: usize = 500;

impl Said {
    /// Makes a message of what somebody typed.
    pub(crate) fn by(nick: &str, text: &str) -> Result<Self> {
        let text = text.trim();
        if text.is_empty() || text.chars().count() > MAX_TEXT {
            let reason = format!("text must have 1 to {MAX_TEXT} characters");
            return Err(HttpError::bad_request(reason).into());
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Ok(Self::Words {
            nick: nick.to_owned(),
            text: text.to_owned(),
            time: u64::try_from(now.as_millis()).unwrap_or(u64::MAX),
        })
    }
}

/// Checks a name that somebody gives themselves.
pub(crate) fn nick(name: &str) -> Result<String> {
    let name = name.trim();
    let fits = (1..=MAX_NICK).contains(&name.chars().count());
    if !fits || name.chars().any(char::is_control) {
        let reason =
            format!("nick must have 1 to {MAX_NICK} characters, none of them a control character");
        return Err(HttpError::bad_request(reason).into());
    }
    Ok(name.to_owned())
}
