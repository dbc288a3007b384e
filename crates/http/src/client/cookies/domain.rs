//! Which hosts and paths a cookie is for (RFC 6265bis §5.1.3 and §5.1.4).

use std::net::IpAddr;

/// §5.1.3: a host is in a domain if it is that, or lies below it and is no address.
pub(super) fn domain_matches(host: &str, domain: &str) -> bool {
    let Some(front) = host.strip_suffix(domain) else {
        return false;
    };
    front.is_empty() || front.ends_with('.') && !is_address(host)
}

pub(super) fn is_address(host: &str) -> bool {
    host.parse::<IpAddr>().is_ok()
}

/// §5.1.4: the path of the request, up to its last slash.
pub(super) fn default_path(path: &str) -> &str {
    match path.rfind('/') {
        Some(at @ 1..) if path.starts_with('/') => &path[..at],
        _ => "/",
    }
}

/// §5.1.4: the same, or below it by a slash.
pub(super) fn path_matches(path: &str, of_cookie: &str) -> bool {
    let Some(rest) = path.strip_prefix(of_cookie) else {
        return false;
    };
    rest.is_empty() || of_cookie.ends_with('/') || rest.starts_with('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn domains_end_at_dots_and_addresses_have_none_below() {
        for (host, domain, matches) in [
            ("example.com", "example.com", true),
            ("www.example.com", "example.com", true),
            ("badexample.com", "example.com", false),
            ("example.com", "www.example.com", false),
            ("1.2.3.4", "1.2.3.4", true),
            ("1.2.3.4", "3.4", false),
        ] {
            assert_eq!(domain_matches(host, domain), matches, "{host} {domain}");
        }
    }

    #[test]
    fn paths_end_at_slashes() {
        for (path, default) in [
            ("/", "/"),
            ("/a", "/"),
            ("/a/", "/a"),
            ("/a/b", "/a"),
            ("", "/"),
        ] {
            assert_eq!(default_path(path), default);
        }
        for (path, of_cookie, matches) in [
            ("/", "/", true),
            ("/a", "/a", true),
            ("/a/b", "/a", true),
            ("/a/b", "/a/", true),
            ("/ab", "/a", false),
            ("/", "/a", false),
        ] {
            assert_eq!(path_matches(path, of_cookie), matches, "{path} {of_cookie}");
        }
    }
}
