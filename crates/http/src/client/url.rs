//! URLs as the client needs them: where to connect and what to ask for (RFC 3986).

use std::borrow::Cow;
use std::fmt::{self, Write as _};

/// Which protocol a URL names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Scheme {
    Http,
    Https,
}

impl Scheme {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    fn default_port(self) -> u16 {
        match self {
            Self::Http => 80,
            Self::Https => 443,
        }
    }
}

/// A URL of `http` or `https`.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Url {
    pub(crate) scheme: Scheme,
    /// User and password, decoded.
    pub(crate) user: Option<(String, String)>,
    /// In lower case; brackets kept around an IPv6 address.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Path and query: the request target.
    pub(crate) target: String,
}

/// Why a text is no URL for the client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct InvalidUrl(pub(crate) String);

impl Url {
    pub(crate) fn parse(text: &str) -> Result<Self, InvalidUrl> {
        if text.bytes().any(|octet| octet.is_ascii_control()) {
            return invalid("URL has a control character");
        }
        let Some((scheme, rest)) = text.split_once("://") else {
            return invalid("URL does not begin with http:// or https://");
        };
        let scheme = if scheme.eq_ignore_ascii_case("http") {
            Scheme::Http
        } else if scheme.eq_ignore_ascii_case("https") {
            Scheme::Https
        } else {
            return invalid(&format!("unsupported URL scheme {scheme:?}"));
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let (authority, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
        // Browsers read a backslash as a slash: two readers would see two hosts.
        if authority.contains('\\') {
            return invalid("URL has a backslash before its path");
        }
        let (user, place) = match authority.rsplit_once('@') {
            Some((user, place)) => (Some(userinfo(user)), place),
            None => (None, authority),
        };
        let (host, port) = host_and_port(place, scheme)?;
        Ok(Self {
            scheme,
            user,
            host,
            port,
            target: encode_target(target),
        })
    }

    /// RFC 3986 §5.2: what `location` means where `self` is the page it was found on.
    pub(crate) fn join(&self, location: &str) -> Result<Self, InvalidUrl> {
        let location = location.split('#').next().unwrap_or_default();
        if has_scheme(location) {
            return Self::parse(location);
        }
        if location.starts_with("//") {
            return Self::parse(&format!("{}:{location}", self.scheme.as_str()));
        }
        if location.bytes().any(|octet| octet.is_ascii_control()) {
            return invalid("URL has a control character");
        }
        let base = self.target.split('?').next().unwrap_or_default();
        let target = match location.as_bytes().first() {
            None => self.target.clone(),
            Some(b'/') => location.to_owned(),
            Some(b'?') => format!("{base}{location}"),
            Some(_) => {
                let folder = base.rfind('/').map_or("/", |slash| &base[..=slash]);
                format!("{folder}{location}")
            }
        };
        Ok(Self {
            target: encode_target(&without_dots(&target)),
            ..self.clone()
        })
    }

    /// Tells whether `other` is of the same scheme, host and port.
    pub(crate) fn same_origin(&self, other: &Self) -> bool {
        self.scheme == other.scheme && self.host == other.host && self.port == other.port
    }

    /// Scheme, host and port.
    pub(crate) fn origin(&self) -> String {
        format!("{}://{}", self.scheme.as_str(), self.authority())
    }

    /// The value of `Host`: the port is left out where it is the scheme's.
    pub(crate) fn authority(&self) -> Cow<'_, str> {
        if self.port == self.scheme.default_port() {
            Cow::Borrowed(&self.host)
        } else {
            let mut digits = itoa::Buffer::new();
            Cow::Owned([&self.host, ":", digits.format(self.port)].concat())
        }
    }

    /// The host as resolvers and sockets take it.
    pub(crate) fn host_name(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

/// Never shows user and password.
impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}://{}{}",
            self.scheme.as_str(),
            self.authority(),
            self.target
        )
    }
}

impl fmt::Debug for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn invalid<T>(why: &str) -> Result<T, InvalidUrl> {
    Err(InvalidUrl(why.to_owned()))
}

/// RFC 3986 §3.1: a letter, then letters, digits, `+`, `-`, `.`, then a colon.
fn has_scheme(location: &str) -> bool {
    let Some((scheme, _)) = location.split_once(':') else {
        return false;
    };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"+-.".contains(&octet))
}

fn userinfo(text: &str) -> (String, String) {
    let (user, password) = text.split_once(':').unwrap_or((text, ""));
    (percent_decode(user), percent_decode(password))
}

fn percent_decode(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |octet: u8| {
            char::from(octet)
                .to_digit(16)
                .and_then(|d| u8::try_from(d).ok())
        };
        let pair = match rest {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = pair {
            out.push(high << 4 | low);
            rest = &rest[3..];
        } else {
            out.push(*first);
            rest = tail;
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn host_and_port(place: &str, scheme: Scheme) -> Result<(String, u16), InvalidUrl> {
    let end = match place.find(']') {
        Some(bracket) if place.starts_with('[') => bracket + 1,
        _ => place.find(':').unwrap_or(place.len()),
    };
    let (host, port) = place.split_at(end);
    if !is_host(host) {
        return invalid(if host.is_ascii() {
            "URL has no valid host"
        } else {
            "URL has a host that is not ASCII: write it in its xn-- form"
        });
    }
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => scheme.default_port(),
        Some("") => scheme.default_port(),
        Some(digits) if digits.bytes().all(|octet| octet.is_ascii_digit()) => {
            match digits.parse() {
                Ok(port) if port > 0 => port,
                _ => return invalid("URL has a port that is not from 1 to 65535"),
            }
        }
        _ => return invalid("URL has a port that is not a number"),
    };
    Ok((host.to_ascii_lowercase(), port))
}

/// An IPv6 address in brackets, or a name of letters, digits, `-`, `_` and `.`.
fn is_host(host: &str) -> bool {
    if let Some(address) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !host.is_empty()
        && host
            .bytes()
            .all(|octet| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet))
}

/// Begins with a slash, and has octets that no URI has percent-encoded.
fn encode_target(target: &str) -> String {
    if target.starts_with('/') && target.bytes().all(stands_in_target) {
        return target.to_owned();
    }
    let mut out = String::with_capacity(target.len() + 1);
    if !target.starts_with('/') {
        out.push('/');
    }
    for octet in target.bytes() {
        if stands_in_target(octet) {
            out.push(char::from(octet));
        } else {
            // A string takes every write.
            let _infallible = write!(out, "%{octet:02X}");
        }
    }
    out
}

fn stands_in_target(octet: u8) -> bool {
    let excluded = matches!(
        octet,
        b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}'
    );
    octet.is_ascii_graphic() && !excluded
}

/// RFC 3986 §5.2.4, for a target that begins with a slash.
fn without_dots(target: &str) -> String {
    let (path, query) = target.split_at(target.find('?').unwrap_or(target.len()));
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." | ".." => {
                if segment == ".." {
                    kept.pop();
                }
                if last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    format!("/{}{query}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn takes_urls_apart() {
        let parsed = url("HTTP://u%40x:p%3a%zz@Example.com:8080/a b?q=é#f");
        assert_eq!(parsed.user, Some(("u@x".into(), "p:%zz".into())));
        assert_eq!((parsed.host.as_str(), parsed.port), ("example.com", 8080));
        assert_eq!(parsed.target, "/a%20b?q=%C3%A9");
        assert_eq!(parsed.to_string(), "http://example.com:8080/a%20b?q=%C3%A9");
        assert_eq!(url("https://a").port, 443);
        assert_eq!(url("http://a:80?x").authority(), "a");
        assert_eq!(url("http://a?x").target, "/?x");
        assert_eq!(url("http://[::1]:8000/").host_name(), "::1");
    }

    #[test]
    fn refuses_what_could_be_read_as_another_host() {
        for text in [
            "",
            "/a",
            "example.com",
            "ftp://a/",
            "file:///etc",
            "http:///a",
            "http://",
            "http://a:b/",
            "http://a:0/",
            "http://a:65536/",
            "http://a:+80/",
            "http://good\\@evil/",
            "http://good\\evil/",
            "http://a b/",
            "http://[::1/",
            "http://[x]/",
            "http://[::1]x/",
            "http://é/",
            "http://a\r\n/",
            "http://a/\0",
            "http://a%2f/",
        ] {
            assert!(Url::parse(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn joins_as_rfc_3986_section_5_4_shows() {
        let base = url("http://a/b/c/d;p?q");
        for (location, target) in [
            ("g", "/b/c/g"),
            ("./g", "/b/c/g"),
            ("g/", "/b/c/g/"),
            ("/g", "/g"),
            ("?y", "/b/c/d;p?y"),
            ("g?y", "/b/c/g?y"),
            ("#s", "/b/c/d;p?q"),
            ("g;x=1/../y", "/b/c/y"),
            ("", "/b/c/d;p?q"),
            (".", "/b/c/"),
            ("..", "/b/"),
            ("../g", "/b/g"),
            ("../..", "/"),
            ("../../../g", "/g"),
            ("g?y/../x", "/b/c/g?y/../x"),
            ("/a/./b/../c", "/a/c"),
        ] {
            assert_eq!(base.join(location).unwrap().target, target, "{location:?}");
        }
        assert_eq!(base.join("//g").unwrap().to_string(), "http://g/");
        assert_eq!(
            base.join("https://g:1/x").unwrap().to_string(),
            "https://g:1/x"
        );
        for location in [
            "ftp://a/",
            "mailto:a@b",
            "http:g",
            "javascript:alert(1)",
            "/a\r\nX: y",
        ] {
            assert!(base.join(location).is_err(), "{location:?}");
        }
    }

    #[test]
    fn origins_differ_by_scheme_host_and_port() {
        let base = url("http://a/");
        assert!(base.same_origin(&url("http://A:80/x")));
        for other in ["https://a/", "http://b/", "http://a:81/", "http://a.b/"] {
            assert!(!base.same_origin(&url(other)), "{other}");
        }
    }
}
