//! What the setters of a request set.

use std::net::IpAddr;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::Duration;

use crate::client::proxy::Proxy;

/// How user and password are shown to a server: Tornado's `auth_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AuthMode {
    /// In every request, readable by whoever reads it (RFC 7617): over https only.
    #[default]
    Basic,
    /// As a digest, once the server has asked for one (RFC 7616): MD5, SHA-256 and SHA-512-256, each
    /// also as `-sess`.
    Digest,
}

#[derive(Debug, Clone)]
pub(in crate::client) struct Options {
    pub(in crate::client) queue_timeout: Option<Duration>,
    pub(in crate::client) connect_timeout: Duration,
    pub(in crate::client) first_byte_timeout: Duration,
    pub(in crate::client) idle_timeout: Duration,
    pub(in crate::client) request_timeout: Duration,
    pub(in crate::client) follow_redirects: bool,
    pub(in crate::client) max_redirects: u32,
    pub(in crate::client) max_body_size: Option<u64>,
    pub(in crate::client) decompress_response: bool,
    pub(in crate::client) expect_100_continue: bool,
    pub(in crate::client) allow_nonstandard_methods: bool,
    pub(in crate::client) raise_error: bool,
    pub(in crate::client) user_agent: Option<String>,
    pub(in crate::client) auth: Option<(String, String)>,
    pub(in crate::client) auth_mode: AuthMode,
    /// A 101 is what is hoped for.
    pub(in crate::client) upgrade: bool,
    /// `None` for the usual way, which most requests take.
    pub(in crate::client) reach: Option<Rc<Reach>>,
}

/// By which way a server is reached. Requests share a connection only if theirs is the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::client) struct Reach {
    pub(in crate::client) ipv4_only: bool,
    pub(in crate::client) network_interface: Option<IpAddr>,
    pub(in crate::client) unix_socket: Option<PathBuf>,
    pub(in crate::client) proxy: ProxyChoice,
    pub(in crate::client) tls: TlsOptions,
}

/// Which proxy a request goes through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(in crate::client) enum ProxyChoice {
    /// The client's, if it has one.
    #[default]
    OfClient,
    /// None at all.
    Direct,
    Through(Rc<Proxy>),
}

/// What a handshake depends on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::client) struct TlsOptions {
    pub(in crate::client) validate_cert: bool,
    pub(in crate::client) ca_certs: Option<PathBuf>,
    pub(in crate::client) client_cert: Option<PathBuf>,
    pub(in crate::client) client_key: Option<PathBuf>,
    pub(in crate::client) server_name: Option<String>,
}

impl Options {
    /// The way to the server, to change it.
    pub(in crate::client) fn reach_mut(&mut self) -> &mut Reach {
        Rc::make_mut(self.reach.get_or_insert_with(Rc::default))
    }

    /// The proxy that the request names, to change it.
    pub(in crate::client) fn proxy_mut(&mut self) -> &mut Proxy {
        let reach = self.reach_mut();
        if !matches!(reach.proxy, ProxyChoice::Through(_)) {
            reach.proxy = ProxyChoice::Through(Rc::new(Proxy::http("", 0)));
        }
        match &mut reach.proxy {
            ProxyChoice::Through(proxy) => Rc::make_mut(proxy),
            _ => unreachable!("it was set above"),
        }
    }
}

impl Default for TlsOptions {
    fn default() -> Self {
        Self {
            validate_cert: true,
            ca_certs: None,
            client_cert: None,
            client_key: None,
            server_name: None,
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_timeout: None,
            connect_timeout: Duration::from_secs(20),
            first_byte_timeout: Duration::ZERO,
            idle_timeout: Duration::ZERO,
            request_timeout: Duration::from_secs(20),
            follow_redirects: true,
            max_redirects: 5,
            max_body_size: None,
            decompress_response: true,
            expect_100_continue: false,
            allow_nonstandard_methods: false,
            raise_error: true,
            user_agent: None,
            auth: None,
            auth_mode: AuthMode::Basic,
            upgrade: false,
            reach: None,
        }
    }
}
