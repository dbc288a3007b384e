use std::fmt;
use std::io;

use super::mac::Key;

/// A format of signed values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SignatureVersion {
    /// HMAC-SHA-1, of Tornado before 3.2.1. What it signs can be read in two ways.
    V1,
    /// HMAC-SHA-256 over fields with their lengths.
    V2,
}

/// The secret that cookies are signed with: Tornado's settings `cookie_secret` and `key_version`.
///
/// Text becomes a secret by itself. It should have 32 octets of randomness at the least, and be the same
/// for all workers, processes and machines of a site; Tornado reads what is signed with it, and the
/// other way round.
///
/// # Examples
///
/// Keys with numbers can be changed without signing anybody out. Values are signed with the current one
/// and read with all:
///
/// ```
/// use waterspout::{Application, CookieSecret};
///
/// let secret = CookieSecret::versions(2, [(1, "the key of last year"), (2, "the key of this year")]);
/// let app = Application::new(()).cookie_secret(secret);
/// # drop(app);
/// ```
#[derive(Clone)]
pub struct CookieSecret {
    pub(super) keys: Keys,
    pub(super) write_version: SignatureVersion,
    pub(super) min_version: SignatureVersion,
}

#[derive(Clone)]
pub(super) enum Keys {
    One(Box<Key>),
    Numbered { current: u32, keys: Vec<(u32, Key)> },
}

impl CookieSecret {
    /// Makes a secret of one key.
    ///
    /// # Panics
    ///
    /// Panics if it is empty.
    #[must_use]
    #[track_caller]
    pub fn new(secret: impl AsRef<[u8]>) -> Self {
        Self::of(Keys::One(Box::new(key(secret.as_ref()))))
    }

    /// Makes a secret of random octets: for development, since what it signs is worth nothing after a
    /// restart, and to other machines.
    ///
    /// # Errors
    ///
    /// Fails if the system has no random numbers.
    pub fn random() -> io::Result<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).map_err(io::Error::other)?;
        Ok(Self::new(secret))
    }

    /// Makes a secret of numbered keys, one of which is current.
    ///
    /// # Panics
    ///
    /// Panics if a key is empty, a number comes twice, or the current one is not among them.
    #[must_use]
    #[track_caller]
    pub fn versions<K: AsRef<[u8]>>(
        current: u32,
        keys: impl IntoIterator<Item = (u32, K)>,
    ) -> Self {
        let mut numbered: Vec<(u32, Key)> = Vec::new();
        for (number, secret) in keys {
            let is_new = numbered.iter().all(|(known, _)| *known != number);
            assert!(is_new, "cookie secret: two keys have the version {number}");
            numbered.push((number, key(secret.as_ref())));
        }
        let is_known = numbered.iter().any(|(known, _)| *known == current);
        assert!(is_known, "cookie secret: no key has the version {current}");
        let keys = numbered;
        Self::of(Keys::Numbered { current, keys })
    }

    /// Sets the format that values are written in. Default: version 2.
    ///
    /// # Panics
    ///
    /// Panics for version 1 if the keys have numbers: it has no place for them.
    #[must_use]
    #[track_caller]
    pub fn write_version(mut self, version: SignatureVersion) -> Self {
        let has_place = version == SignatureVersion::V2 || matches!(self.keys, Keys::One(_));
        assert!(
            has_place,
            "cookie secret: version 1 has no place for the number of a key"
        );
        self.write_version = version;
        self
    }

    /// Sets the oldest format that is read. Default: version 2; Tornado's is 1.
    #[must_use]
    pub fn min_version(mut self, version: SignatureVersion) -> Self {
        self.min_version = version;
        self
    }

    fn of(keys: Keys) -> Self {
        Self {
            keys,
            write_version: SignatureVersion::V2,
            min_version: SignatureVersion::V2,
        }
    }

    /// The key that signs, and its number.
    pub(super) fn current(&self) -> (u32, &Key) {
        match &self.keys {
            Keys::One(key) => (0, key),
            Keys::Numbered { current, .. } => {
                let key = self.key(*current).expect("the constructor checked it");
                (*current, key)
            }
        }
    }

    /// The key of a number; a key without one is that of all.
    pub(super) fn key(&self, number: u32) -> Option<&Key> {
        match &self.keys {
            Keys::One(key) => Some(key),
            Keys::Numbered { keys, .. } => {
                let found = keys.iter().find(|(known, _)| *known == number);
                found.map(|(_, key)| key)
            }
        }
    }
}

#[track_caller]
fn key(secret: &[u8]) -> Key {
    assert!(!secret.is_empty(), "cookie secret: a key is empty");
    Key::new(secret)
}

/// Makes a secret of one key.
///
/// # Panics
///
/// Panics if it is empty.
impl From<&str> for CookieSecret {
    #[track_caller]
    fn from(secret: &str) -> Self {
        Self::new(secret)
    }
}

/// Makes a secret of one key.
///
/// # Panics
///
/// Panics if it is empty.
impl From<String> for CookieSecret {
    #[track_caller]
    fn from(secret: String) -> Self {
        Self::new(secret)
    }
}

/// Shows no key.
impl fmt::Debug for CookieSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CookieSecret")
            .field("write_version", &self.write_version)
            .field("min_version", &self.min_version)
            .finish_non_exhaustive()
    }
}
