//! Which proxy, and how to speak to it.

use std::fmt;

use crate::client::FetchError;
use crate::client::auth::basic;
use crate::client::url::Url;

/// A proxy that requests go through.
///
/// http goes through an HTTP proxy in absolute form, https through a tunnel that CONNECT makes.
/// Through a SOCKS proxy everything goes as it is. The connection to the proxy is not encrypted.
///
/// # Examples
///
/// ```
/// use waterspout_http::client::{ClientConfig, HttpRequest, Proxy};
///
/// let proxy = Proxy::http("proxy.example.com", 3128).auth("ada", "open sesame");
/// let config = ClientConfig::default().proxy(proxy).no_proxy("localhost,10.0.0.0/8");
///
/// let proxy = Proxy::parse("socks5h://localhost:1080")?;
/// let request = HttpRequest::get("http://example.com/").proxy(proxy);
/// # Ok::<(), waterspout_http::client::FetchError>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Proxy {
    pub(in crate::client) kind: ProxyKind,
    pub(in crate::client) host: String,
    pub(in crate::client) port: u16,
    pub(in crate::client) user: Option<(String, String)>,
}

/// What a proxy speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::client) enum ProxyKind {
    Http,
    /// SOCKS 5, and it resolves names.
    Socks5,
    /// SOCKS 5, and it is given addresses.
    Socks5WithAddresses,
}

impl Proxy {
    /// An HTTP proxy.
    #[must_use]
    pub fn http(host: impl Into<String>, port: u16) -> Self {
        Self::of(ProxyKind::Http, host.into(), port)
    }

    /// A SOCKS 5 proxy that is given names and resolves them.
    #[must_use]
    pub fn socks5(host: impl Into<String>, port: u16) -> Self {
        Self::of(ProxyKind::Socks5, host.into(), port)
    }

    /// Reads a proxy's URL: `http://`, `socks5h://` (the proxy resolves names) or `socks5://` (names
    /// are resolved here), as curl has them, with user and password if they are needed. Without a
    /// scheme it is `http://`, without a port 80 or 1080.
    ///
    /// # Errors
    ///
    /// [`FetchError`] (request) if it is none of these. `https://`, a proxy that is spoken to by TLS,
    /// is not supported.
    pub fn parse(url: &str) -> Result<Self, FetchError> {
        let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
        let (kind, port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => (ProxyKind::Http, 80),
            "socks5h" => (ProxyKind::Socks5, 1080),
            "socks5" => (ProxyKind::Socks5WithAddresses, 1080),
            other => {
                let why = format!("unsupported scheme {other:?} of a proxy");
                return Err(FetchError::request(why));
            }
        };
        let parsed = Url::parse(&format!("http://{rest}"))?;
        let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let place = place.rsplit('@').next().unwrap_or_default();
        let has_port = place.rsplit_once(':').is_some_and(|(_, digits)| {
            !digits.is_empty() && digits.bytes().all(|octet| octet.is_ascii_digit())
        });
        let port = if has_port { parsed.port } else { port };
        let mut proxy = Self::of(kind, parsed.host_name().to_owned(), port);
        proxy.user = parsed.user;
        Ok(proxy)
    }

    /// Sets user and password that the proxy asks for. Default: none.
    #[must_use]
    pub fn auth(mut self, user: impl Into<String>, password: impl Into<String>) -> Self {
        self.user = Some((user.into(), password.into()));
        self
    }

    fn of(kind: ProxyKind, host: String, port: u16) -> Self {
        Self {
            kind,
            host,
            port,
            user: None,
        }
    }

    /// Checks that host and port are there: Tornado's options set them one by one.
    pub(in crate::client) fn check(&self) -> Result<(), FetchError> {
        if self.host.is_empty() {
            return Err(FetchError::request("the proxy has no host (proxy_host)"));
        }
        if self.port == 0 {
            return Err(FetchError::request("the proxy has no port (proxy_port)"));
        }
        Ok(())
    }

    /// The value of `Proxy-Authorization`, if there is one.
    pub(in crate::client) fn authorization(&self) -> Option<String> {
        let (user, password) = self.user.as_ref()?;
        Some(basic(user, password))
    }

    pub(in crate::client) fn place(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

/// Never shows user and password.
impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxy")
            .field("kind", &self.kind)
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_of_proxies_are_read_as_curl_reads_them() {
        let parse = |url| Proxy::parse(url).unwrap();
        assert_eq!(parse("proxy.test"), Proxy::http("proxy.test", 80));
        assert_eq!(
            parse("http://Proxy.test:3128/"),
            Proxy::http("proxy.test", 3128)
        );
        assert_eq!(parse("http://[::1]:80"), Proxy::http("::1", 80));
        assert_eq!(parse("socks5h://p"), Proxy::socks5("p", 1080));
        assert_eq!(parse("socks5h://p:80"), Proxy::socks5("p", 80));
        assert_eq!(parse("SOCKS5://p:1").kind, ProxyKind::Socks5WithAddresses);
        let known = parse("http://ada:open%20sesame@p:1");
        assert_eq!(known, Proxy::http("p", 1).auth("ada", "open sesame"));
        assert!(!format!("{known:?}").contains("sesame"));
        for url in [
            "https://p",
            "socks4://p",
            "http://",
            "http://p:0",
            "http://p\r\n",
        ] {
            assert!(Proxy::parse(url).unwrap_err().is_request(), "{url:?}");
        }
    }
}
