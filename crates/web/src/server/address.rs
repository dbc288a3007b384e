use std::fmt;
use std::net::SocketAddr;

/// Where to listen: a port on all interfaces, or on one address.
///
/// [`HttpServer::listen`](crate::HttpServer::listen) takes what can be turned into one: a port, a
/// pair of address and port, a [`SocketAddr`], or text such as `127.0.0.1:8888`, `[::1]:8888` or
/// `localhost:8888`. Port 0 asks the system for a free one.
///
/// # Examples
///
/// ```
/// use waterspout::ListenAddr;
///
/// assert_eq!(ListenAddr::from(8888).to_string(), "port 8888");
/// assert_eq!(ListenAddr::from("localhost:80").to_string(), "localhost port 80");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListenAddr {
    host: Option<String>,
    port: Result<u16, String>,
}

impl ListenAddr {
    /// The host, unless it is all interfaces, and the port; or the text that has none.
    pub(super) fn into_parts(self) -> Result<(Option<String>, u16), String> {
        Ok((self.host, self.port?))
    }
}

impl From<u16> for ListenAddr {
    fn from(port: u16) -> Self {
        Self {
            host: None,
            port: Ok(port),
        }
    }
}

impl From<SocketAddr> for ListenAddr {
    fn from(address: SocketAddr) -> Self {
        Self {
            host: Some(address.ip().to_string()),
            port: Ok(address.port()),
        }
    }
}

impl From<(&str, u16)> for ListenAddr {
    fn from((host, port): (&str, u16)) -> Self {
        Self {
            host: (!host.is_empty()).then(|| host.to_owned()),
            port: Ok(port),
        }
    }
}

impl From<&str> for ListenAddr {
    fn from(text: &str) -> Self {
        let (host, port) = text.rsplit_once(':').unwrap_or(("", text));
        let host = host.strip_prefix('[').unwrap_or(host);
        let host = host.strip_suffix(']').unwrap_or(host);
        Self {
            host: (!host.is_empty()).then(|| host.to_owned()),
            port: port.parse().map_err(|_| text.to_owned()),
        }
    }
}

impl fmt::Display for ListenAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.host, &self.port) {
            (None, Ok(port)) => write!(f, "port {port}"),
            (Some(host), Ok(port)) => write!(f, "{host} port {port}"),
            (_, Err(text)) => write!(f, "{text:?}, which names no port"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(address: impl Into<ListenAddr>) -> Option<(Option<String>, u16)> {
        address.into().into_parts().ok()
    }

    #[test]
    fn ports_pairs_and_text_name_the_same_places() {
        assert_eq!(parts(80), Some((None, 80)));
        assert_eq!(parts("80"), Some((None, 80)));
        assert_eq!(parts(":80"), Some((None, 80)));
        assert_eq!(parts(("", 80)), Some((None, 80)));
        let local = Some((Some("::1".to_owned()), 80));
        assert_eq!(parts("[::1]:80"), local);
        assert_eq!(parts("[::1]:80".parse::<SocketAddr>().unwrap()), local);
        assert_eq!(parts("localhost"), None);
        assert_eq!(parts("localhost:http"), None);
    }
}
