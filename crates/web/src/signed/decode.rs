//! Checking.

use std::time::SystemTime;

use waterspout_http::base64;

use super::rules::SignedCookieRules;
use super::secret::{CookieSecret, Keys, SignatureVersion};
use super::{same_secret, unix_seconds};

/// How far in the future a time may lie, in seconds: clocks of several machines differ a little.
const CLOCK_SKEW: u64 = 300;

impl CookieSecret {
    /// Checks a signed value and returns what was signed: Tornado's `decode_signed_value`.
    ///
    /// `None` if it was changed, signed for another name or with another key, is too old, lies more than
    /// five minutes in the future, or is none at all. Lengths and times must be plain digits, and the
    /// value strict base64, as both sides write them.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::SystemTime;
    /// use waterspout::{CookieSecret, SignedCookieRules};
    ///
    /// let (secret, now) = (CookieSecret::new("a secret"), SystemTime::now());
    /// let text = secret.create_signed_value("user", "ada", now);
    /// let rules = SignedCookieRules::new();
    /// assert_eq!(secret.decode_signed_value("user", &text, &rules, now).unwrap(), b"ada");
    /// assert_eq!(secret.decode_signed_value("admin", &text, &rules, now), None);
    /// ```
    #[must_use]
    pub fn decode_signed_value(
        &self,
        name: &str,
        value: &str,
        rules: &SignedCookieRules,
        now: SystemTime,
    ) -> Option<Vec<u8>> {
        let version = version(value)?;
        if version < rules.min_version.unwrap_or(self.min_version) {
            return None;
        }
        let (payload, time) = match version {
            SignatureVersion::V1 => self.check_v1(name, value)?,
            SignatureVersion::V2 => self.check_v2(name, value)?,
        };
        let now = unix_seconds(now);
        let is_fresh = time >= now.saturating_sub(rules.max_age.as_secs());
        if !is_fresh || time > now.saturating_add(CLOCK_SKEW) {
            return None;
        }
        base64::decode(payload)
    }

    /// Checks the signature and gives payload and time.
    fn check_v1<'v>(&self, name: &str, value: &'v str) -> Option<(&'v str, u64)> {
        let Keys::One(key) = &self.keys else {
            return None;
        };
        let mut parts = value.split('|');
        let (payload, time, mac) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let wanted = key.sign_v1([name.as_bytes(), payload.as_bytes(), time.as_bytes()]);
        if !same_secret(wanted, mac) {
            return None;
        }
        Some((payload, digits(time)?))
    }

    /// Checks signature and name and gives payload and time.
    fn check_v2<'v>(&self, name: &str, value: &'v str) -> Option<(&'v str, u64)> {
        let fields = Fields::of(value)?;
        let key = self.key(fields.key_version)?;
        let signed = value.strip_suffix(fields.mac)?;
        if !key.has_signed_v2(signed.as_bytes(), fields.mac) || fields.name != name {
            return None;
        }
        Some((fields.payload, digits(fields.time)?))
    }
}

/// Returns the number of the key that a value claims to be signed with: Tornado's
/// `get_signature_key_version`. `None` for version 1 and for what is no signed value.
///
/// Nothing is checked: that is for finding out which key to keep.
#[must_use]
pub fn signature_key_version(value: &str) -> Option<u32> {
    if version(value)? != SignatureVersion::V2 {
        return None;
    }
    Some(Fields::of(value)?.key_version)
}

/// The format by what a value begins with. The payload of version 1 may look like a number; nobody has
/// a thousand versions.
fn version(value: &str) -> Option<SignatureVersion> {
    let number = value.split_once('|').map_or("", |(number, _)| number);
    let is_number = number.bytes().all(|digit| digit.is_ascii_digit());
    if !is_number || number.is_empty() || number.starts_with('0') || number.len() > 3 {
        return (!value.is_empty()).then_some(SignatureVersion::V1);
    }
    match number {
        "1" => Some(SignatureVersion::V1),
        "2" => Some(SignatureVersion::V2),
        _ => None,
    }
}

/// A value of version 2, taken apart.
struct Fields<'v> {
    key_version: u32,
    time: &'v str,
    name: &'v str,
    payload: &'v str,
    mac: &'v str,
}

impl<'v> Fields<'v> {
    fn of(value: &'v str) -> Option<Self> {
        let rest = value.strip_prefix("2|")?;
        let (key_version, rest) = field(rest)?;
        let (time, rest) = field(rest)?;
        let (name, rest) = field(rest)?;
        let (payload, mac) = field(rest)?;
        Some(Self {
            key_version: u32::try_from(digits(key_version)?).ok()?,
            time,
            name,
            payload,
            mac,
        })
    }
}

/// A field with its length before it and a bar behind it, and the rest.
fn field(text: &str) -> Option<(&str, &str)> {
    let (length, rest) = text.split_once(':')?;
    let (field, rest) = rest.split_at_checked(usize::try_from(digits(length)?).ok()?)?;
    Some((field, rest.strip_prefix('|')?))
}

/// A number as it is written here: digits, and no zero before another.
fn digits(text: &str) -> Option<u64> {
    let is_plain = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    if !is_plain || text.len() > 1 && text.starts_with('0') {
        return None;
    }
    text.parse().ok()
}
