//! The value of a `Set-Cookie` field: attributes in Tornado's order, every part checked.

use std::fmt;

use super::options::Prefix;
use super::{CookieOptions, SameSite};

/// The most octets that name and value may have together; browsers drop more (RFC 6265bis §5.6).
const MAX_COOKIE: usize = 4096;

/// A cookie that cannot be written: a part of it would break out of its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidCookie {
    part: &'static str,
}

impl fmt::Display for InvalidCookie {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "invalid cookie {}", self.part)
    }
}

impl std::error::Error for InvalidCookie {}

/// Writes `name=value; Domain=…; expires=…; HttpOnly; Max-Age=…; Partitioned; Path=…;
/// Priority=…; SameSite=…; Secure`.
pub(crate) fn set_cookie_value(
    name: &str,
    value: &str,
    options: &CookieOptions,
) -> Result<String, InvalidCookie> {
    if name.is_empty() || !name.bytes().all(is_plain) {
        return Err(InvalidCookie { part: "name" });
    }
    let mut out = String::with_capacity(name.len() + value.len() + 64);
    out.push_str(name);
    out.push('=');
    push_value(&mut out, value)?;
    if out.len() > MAX_COOKIE + 1 {
        let part = "value: name and value have more than 4096 octets";
        return Err(InvalidCookie { part });
    }
    if Prefix::of(name).is_some_and(|prefix| !prefix.allows(options)) {
        let part = "name: its prefix wants secure(true), and __Host- the path / and no domain";
        return Err(InvalidCookie { part });
    }
    if options.partitioned && !options.secure {
        let part = "partitioned: it wants secure(true)";
        return Err(InvalidCookie { part });
    }
    if options.same_site == Some(SameSite::None) && !options.secure {
        let part = "SameSite=None: it wants secure(true)";
        return Err(InvalidCookie { part });
    }
    if let Some(domain) = &options.domain {
        push_attribute(&mut out, "Domain", domain)?;
    }
    if let Some(expires) = options.expires {
        let time = expires.time().ok_or(InvalidCookie { part: "expires" })?;
        out.push_str("; expires=");
        out.push_str(&httpdate::fmt_http_date(time));
    }
    if options.http_only {
        out.push_str("; HttpOnly");
    }
    if let Some(seconds) = options.max_age {
        out.push_str("; Max-Age=");
        out.push_str(&seconds.to_string());
    }
    if options.partitioned {
        out.push_str("; Partitioned");
    }
    if let Some(path) = &options.path {
        push_attribute(&mut out, "Path", path)?;
    }
    if let Some(priority) = options.priority {
        out.push_str("; Priority=");
        out.push_str(priority.name());
    }
    if let Some(same_site) = options.same_site {
        out.push_str("; SameSite=");
        out.push_str(same_site.name());
    }
    if options.secure {
        out.push_str("; Secure");
    }
    Ok(out)
}

fn push_attribute(out: &mut String, part: &'static str, value: &str) -> Result<(), InvalidCookie> {
    let is_safe = |byte: u8| byte.is_ascii_graphic() && byte != b';';
    if !value.bytes().all(is_safe) {
        return Err(InvalidCookie { part });
    }
    for text in ["; ", part, "=", value] {
        out.push_str(text);
    }
    Ok(())
}

/// Writes a value: plain if it may be, else in quotes with octal escapes, as Tornado does.
fn push_value(out: &mut String, value: &str) -> Result<(), InvalidCookie> {
    if !value.is_empty() && value.bytes().all(is_plain) {
        out.push_str(value);
        return Ok(());
    }
    out.push('"');
    for c in value.chars() {
        match c {
            '\0'..=' ' => return Err(InvalidCookie { part: "value" }),
            '"' | '\\' => out.extend(['\\', c]),
            ',' | ';' | '\x7f' | '\u{80}'..='\u{ff}' => push_octal(out, u32::from(c)),
            c if c.is_ascii() => out.push(c),
            _ => return Err(InvalidCookie { part: "value" }),
        }
    }
    out.push('"');
    Ok(())
}

fn push_octal(out: &mut String, code: u32) {
    out.push('\\');
    for shift in [6, 3, 0] {
        let digit = char::from_digit(code >> shift & 7, 8);
        out.push(digit.expect("three bits are one octal digit"));
    }
}

/// The characters that need no quotes; a name has no others.
fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~:".contains(&byte)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::cookies::{CookiePriority, SameSite};

    fn value(text: &str) -> String {
        let options = CookieOptions::new();
        set_cookie_value("n", text, &options).unwrap()
    }

    #[test]
    fn attributes_come_in_tornados_order() {
        let options = CookieOptions::new()
            .secure(true)
            .same_site(SameSite::Lax)
            .path("/p")
            .max_age(5)
            .http_only(true)
            .expires(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000))
            .domain("ex.com");
        assert_eq!(
            set_cookie_value("all", "v_w", &options).unwrap(),
            "all=v_w; Domain=ex.com; expires=Tue, 14 Nov 2023 22:13:20 GMT; HttpOnly; Max-Age=5; \
             Path=/p; SameSite=Lax; Secure"
        );
    }

    #[test]
    fn values_are_quoted_as_tornado_does() {
        assert_eq!(value("asdf"), "n=asdf; Path=/");
        assert_eq!(value("a\"b;c,d\\e"), r#"n="a\"b\073c\054d\\e"; Path=/"#);
        assert_eq!(value("é"), r#"n="\351"; Path=/"#);
        assert_eq!(value("a=b"), r#"n="a=b"; Path=/"#);
        assert_eq!(value("a/b(c)"), r#"n="a/b(c)"; Path=/"#);
        assert_eq!(value(""), r#"n=""; Path=/"#);
    }

    #[test]
    fn what_browsers_would_drop_is_refused() {
        let host = CookieOptions::for_host();
        assert_eq!(
            set_cookie_value("__Host-id", "1", &host.clone().partitioned(true)).unwrap(),
            "__Host-id=1; HttpOnly; Partitioned; Path=/; SameSite=Lax; Secure"
        );
        let plain = CookieOptions::new();
        let secure = CookieOptions::new()
            .secure(true)
            .path("/p")
            .domain("ex.com");
        assert!(set_cookie_value("__Secure-id", "1", &secure).is_ok());
        for (name, options) in [
            ("__Host-id", &plain),
            ("__host-id", &secure),
            ("__Host-id", &host.clone().path("/p")),
            ("__Host-id", &host.clone().domain("ex.com")),
            ("__SECURE-id", &plain),
            ("id", &plain.clone().partitioned(true)),
            ("id", &plain.clone().same_site(SameSite::None)),
        ] {
            assert!(set_cookie_value(name, "1", options).is_err(), "{name}");
        }
        let embedded = plain.clone().same_site(SameSite::None).secure(true);
        assert_eq!(
            set_cookie_value("id", "1", &embedded).unwrap(),
            "id=1; Path=/; SameSite=None; Secure"
        );
        assert!(set_cookie_value("__Host-id", "", &plain.expired("__Host-id")).is_ok());
        assert!(set_cookie_value("n", &"x".repeat(4095), &plain).is_ok());
        let error = set_cookie_value("n", &"x".repeat(4096), &plain).unwrap_err();
        assert!(error.to_string().contains("4096"), "{error}");
    }

    #[test]
    fn a_priority_stands_at_its_place_of_the_alphabet() {
        for (priority, name) in [
            (CookiePriority::Low, "Low"),
            (CookiePriority::Medium, "Medium"),
            (CookiePriority::High, "High"),
        ] {
            let options = CookieOptions::for_host().priority(priority);
            assert_eq!(
                set_cookie_value("n", "v", &options).unwrap(),
                format!("n=v; HttpOnly; Path=/; Priority={name}; SameSite=Lax; Secure")
            );
        }
    }

    #[test]
    fn a_cookie_is_removed_with_attributes_that_browsers_take() {
        let embedded = CookieOptions::new().same_site(SameSite::None).secure(true);
        let removed = set_cookie_value("n", "", &embedded.expired("n")).unwrap();
        assert!(removed.ends_with("; SameSite=None; Secure"), "{removed}");
    }

    #[test]
    fn what_would_break_out_is_refused() {
        let plain = CookieOptions::new();
        for text in ["a b", "a\nb", "\u{100}", "\0"] {
            assert!(set_cookie_value("n", text, &plain).is_err(), "{text:?}");
        }
        for name in ["", "a b", "a;b", "a=b", "é", "a\x7f"] {
            assert!(set_cookie_value(name, "v", &plain).is_err(), "{name:?}");
        }
        for text in ["a;b", "a b", "a\r\nb", "a\x7f", "é"] {
            let path = CookieOptions::new().path(text);
            assert!(set_cookie_value("n", "v", &path).is_err(), "{text:?}");
            let domain = CookieOptions::new().domain(text);
            assert!(set_cookie_value("n", "v", &domain).is_err(), "{text:?}");
        }
        let never = CookieOptions::new().expires_days(1e18);
        assert!(set_cookie_value("n", "v", &never).is_err());
    }
}
