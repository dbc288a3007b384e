/// Which hosts a table of routes answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum HostPattern {
    /// Every host.
    Any,
    /// One host, in lower case.
    Exact(String),
    /// Every host below this suffix, which begins with a dot.
    Below(String),
}

impl HostPattern {
    pub(crate) fn parse(pattern: &str) -> Result<Self, String> {
        let lower = pattern.to_ascii_lowercase();
        if lower == "*" {
            return Ok(Self::Any);
        }
        let name = lower.strip_prefix("*.").unwrap_or(&lower);
        let is_host = |c: char| c.is_ascii_alphanumeric() || "-._:[]".contains(c);
        if name.is_empty() || !name.chars().all(is_host) {
            return Err("a host pattern is a name, `*.` with a name, or `*`".to_owned());
        }
        if !name.starts_with('[') && name.contains(':') {
            return Err("a host pattern has no port".to_owned());
        }
        Ok(match lower.strip_prefix('*') {
            Some(suffix) => Self::Below(suffix.to_owned()),
            None => Self::Exact(lower),
        })
    }

    /// Compares a host name without its port; case does not count (RFC 9110 §4.2.3).
    pub(crate) fn matches(&self, host: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(name) => name.eq_ignore_ascii_case(host),
            Self::Below(suffix) => host
                .len()
                .checked_sub(suffix.len())
                .filter(|&start| start > 0)
                .and_then(|start| host.get(start..))
                .is_some_and(|end| end.eq_ignore_ascii_case(suffix)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, host: &str) -> bool {
        HostPattern::parse(pattern).unwrap().matches(host)
    }

    #[test]
    fn names_are_compared_without_case() {
        assert!(matches("Example.com", "eXample.COM"));
        assert!(!matches("example.com", "www.example.com"));
        assert!(matches("[::1]", "[::1]"));
    }

    #[test]
    fn wildcard_takes_names_below_and_not_the_name_itself() {
        assert!(matches("*.example.com", "a.b.example.com"));
        assert!(!matches("*.example.com", "example.com"));
        assert!(!matches("*.example.com", "badexample.com"));
        assert!(!matches("*.example.com", ".example.com"));
        assert!(matches("*", ""));
    }

    #[test]
    fn ports_and_paths_are_refused() {
        assert!(HostPattern::parse("example.com:80").is_err());
        assert!(HostPattern::parse("a/b").is_err());
        assert!(HostPattern::parse("a.*.com").is_err());
    }
}
