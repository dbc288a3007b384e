//! Signed values, as Tornado writes and reads them: text that a client carries and cannot change.
//!
//! | | version 1 | version 2 |
//! |---|---|---|
//! | layout | `b64\|time\|mac` | `2\|len:key\|len:time\|len:name\|len:b64\|mac` |
//! | MAC | HMAC-SHA-1 of name, `b64` and time, joined by nothing | HMAC-SHA-256 of all up to the last `\|` |
//!
//! Nothing is between name and value in what version 1 signs, so the end of a name can pass for the
//! start of a value (Tornado's advisory for 3.2.1). It is read where `min_version` allows it.

mod decode;
mod encode;
mod mac;
mod rules;
mod secret;
#[cfg(test)]
mod tests;

pub use decode::signature_key_version;
pub use mac::same_secret;
pub(crate) use mac::{hex, hmac_sha1, hmac_sha256, unhex};
pub use rules::SignedCookieRules;
pub use secret::{CookieSecret, SignatureVersion};

use std::time::SystemTime;

/// Whole seconds since 1970; zero for times before.
pub(crate) fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}
