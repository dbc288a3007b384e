//! Reading `Set-Cookie` (RFC 6265bis §5.6).

use std::time::{Duration, SystemTime};

use super::date::parse_date;

/// Octets of name and value together.
const MAX_PAIR: usize = 4096;
/// Octets of the value of an attribute; one that is longer is ignored.
const MAX_ATTRIBUTE: usize = 1024;
/// §5.5: no cookie lives longer.
const MAX_AGE: Duration = Duration::from_secs(400 * 24 * 60 * 60);

/// A cookie as a server sets it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SetCookie {
    pub(super) name: Vec<u8>,
    pub(super) value: Vec<u8>,
    /// In lower case, without the dot at the front; `None` for the host alone.
    pub(super) domain: Option<String>,
    /// Begins with a slash; `None` for the default.
    pub(super) path: Option<String>,
    /// `None` for as long as the jar lives.
    pub(super) expires: Option<SystemTime>,
    pub(super) secure: bool,
    /// `SameSite=None`.
    pub(super) cross_site: bool,
}

impl SetCookie {
    /// Reads the value of a field; `None` if it sets nothing.
    pub(super) fn parse(field: &[u8], now: SystemTime) -> Option<Self> {
        let is_control = |octet: &u8| octet.is_ascii_control() && *octet != b'\t';
        if field.iter().any(is_control) {
            return None;
        }
        let mut parts = field.split(|octet| *octet == b';');
        let pair = parts.next()?;
        let (name, value) = match pair.iter().position(|octet| *octet == b'=') {
            Some(at) => (&pair[..at], &pair[at + 1..]),
            None => (&[][..], pair),
        };
        let (name, value) = (trim(name), trim(value));
        if name.is_empty() && value.is_empty() || name.len() + value.len() > MAX_PAIR {
            return None;
        }
        let mut cookie = Self {
            name: name.to_vec(),
            value: value.to_vec(),
            domain: None,
            path: None,
            expires: None,
            secure: false,
            cross_site: false,
        };
        let mut age = None;
        for part in parts {
            let text = String::from_utf8_lossy(part);
            let (name, value) = text.split_once('=').unwrap_or((&text, ""));
            let value = value.trim_matches([' ', '\t']);
            if value.len() <= MAX_ATTRIBUTE {
                cookie.attribute(name.trim_matches([' ', '\t']), value, now, &mut age);
            }
        }
        cookie.expires = age.or(cookie.expires).map(|time| time.min(now + MAX_AGE));
        Some(cookie)
    }

    /// Of repeated attributes the last counts.
    fn attribute(
        &mut self,
        name: &str,
        value: &str,
        now: SystemTime,
        age: &mut Option<SystemTime>,
    ) {
        match name.to_ascii_lowercase().as_str() {
            "expires" => self.expires = parse_date(value).or(self.expires),
            "max-age" => *age = max_age(value, now).or(*age),
            "domain" => {
                let domain = value
                    .strip_prefix('.')
                    .unwrap_or(value)
                    .to_ascii_lowercase();
                self.domain = Some(domain).filter(|domain| !domain.is_empty());
            }
            "path" => self.path = Some(value.to_owned()).filter(|path| path.starts_with('/')),
            "secure" => self.secure = true,
            "samesite" => self.cross_site = value.eq_ignore_ascii_case("none"),
            _ => {}
        }
    }
}

/// §5.6.2: digits, perhaps after a minus; zero and less end the cookie at once.
fn max_age(value: &str, now: SystemTime) -> Option<SystemTime> {
    let digits = value.strip_prefix('-').unwrap_or(value);
    if digits.is_empty() || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let seconds = match digits.parse::<u64>() {
        _ if value.starts_with('-') => 0,
        Ok(seconds) => seconds,
        Err(_) => u64::MAX,
    };
    if seconds == 0 {
        return Some(SystemTime::UNIX_EPOCH);
    }
    Some(now + Duration::from_secs(seconds).min(MAX_AGE))
}

fn trim(mut octets: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = octets {
        octets = rest;
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: SystemTime = SystemTime::UNIX_EPOCH;

    fn parse(text: &str) -> Option<SetCookie> {
        SetCookie::parse(text.as_bytes(), NOW + Duration::from_secs(1_000_000_000))
    }

    #[test]
    fn names_values_and_attributes_are_read() {
        let cookie =
            parse(" a = b c = d ;Domain=.Example.COM; path=/x;SECURE;HttpOnly; x=y").unwrap();
        assert_eq!(
            (&*cookie.name, &*cookie.value),
            (&b"a"[..], &b"b c = d"[..])
        );
        assert_eq!(cookie.domain.as_deref(), Some("example.com"));
        assert_eq!(cookie.path.as_deref(), Some("/x"));
        assert!(cookie.secure && !cookie.cross_site && cookie.expires.is_none());
        let cookie = parse("alone; Domain=; Path=x; SameSite=none").unwrap();
        assert_eq!((&*cookie.name, &*cookie.value), (&b""[..], &b"alone"[..]));
        assert!(cookie.domain.is_none() && cookie.path.is_none() && cookie.cross_site);
        assert_eq!(parse("a=\"b\"").unwrap().value, b"\"b\"");
        for text in ["", "=", ";a=b", "a=b\0", "a=b\x7f"] {
            assert!(parse(text).is_none(), "{text:?}");
        }
    }

    #[test]
    fn sizes_have_limits() {
        assert!(parse(&format!("a={}", "b".repeat(4095))).is_some());
        assert!(parse(&format!("a={}", "b".repeat(4096))).is_none());
        let long = format!("a=b; Path=/{}", "x".repeat(1024));
        assert!(parse(&long).unwrap().path.is_none());
    }

    #[test]
    fn max_age_wins_over_expires_and_nothing_lives_for_more_than_400_days() {
        let expires = |text: &str| {
            let time = parse(text).unwrap().expires?;
            Some(time.duration_since(NOW).unwrap().as_secs())
        };
        assert_eq!(expires("a=b"), None);
        assert_eq!(
            expires("a=b; Max-Age=60; Expires=Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(1_000_000_060)
        );
        assert_eq!(
            expires("a=b; Expires=Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(784_111_777)
        );
        for over in ["0", "-1", "-99999999999999999999999"] {
            assert_eq!(expires(&format!("a=b; Max-Age={over}")), Some(0));
        }
        let longest = Some(1_000_000_000 + 400 * 86_400);
        assert_eq!(expires("a=b; Max-Age=99999999999999999999999"), longest);
        assert_eq!(
            expires("a=b; Expires=Fri, 31 Dec 9999 23:59:59 GMT"),
            longest
        );
        assert_eq!(expires("a=b; Max-Age=+1; Expires=x"), None);
    }

    proptest::proptest! {
        #[test]
        fn any_octets_are_a_cookie_or_none(octets: Vec<u8>) {
            _ = SetCookie::parse(&octets, NOW);
        }
    }
}
