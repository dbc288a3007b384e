//! Options of a client.

use std::collections::HashMap;
use std::fmt;
use std::rc::Rc;
use std::time::Duration;

use waterspout_net::Resolver;

use super::proxy::{Proxy, ProxyRules};
use super::{CookieJar, FetchError, HttpRequest};

/// Options of an [`HttpClient`](super::HttpClient).
#[derive(Clone)]
#[non_exhaustive]
pub struct ClientConfig {
    /// Requests at a time; others wait in a queue. Default: 10, as Tornado's.
    pub max_clients: usize,
    /// Requests at a time to one host and port; others wait. Default: no limit of its own.
    pub max_clients_per_host: usize,
    /// Connections that are kept for later requests; the oldest goes. Default: 100.
    pub max_idle_connections: usize,
    /// How long a connection is kept for later requests; zero keeps none. Default: 60 s.
    pub keep_alive_timeout: Duration,
    /// Octets of the head of a response. Default: 65,536.
    pub max_header_size: usize,
    /// Fields of the head of a response. Default: 100.
    pub max_headers: usize,
    /// What to connect to instead of a host, by `host` or `host:port`; the values are `host` or
    /// `host:port` too. `Host` still names what the URL does. Default: none.
    pub hostname_mapping: HashMap<String, String>,
    /// Options of requests that are made from a URL only. Default: those of [`HttpRequest`].
    pub defaults: HttpRequest,
    pub(super) resolver: Option<Rc<dyn Resolver>>,
    pub(super) proxies: ProxyRules,
    pub(super) cookie_jar: Option<CookieJar>,
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            max_clients: 10,
            max_clients_per_host: usize::MAX,
            max_idle_connections: 100,
            keep_alive_timeout: Duration::from_secs(60),
            max_header_size: 64 * 1024,
            max_headers: 100,
            hostname_mapping: HashMap::new(),
            defaults: HttpRequest::get(""),
            resolver: None,
            proxies: ProxyRules::default(),
            cookie_jar: None,
        }
    }
}

impl ClientConfig {
    /// Sets how many requests run at a time. Default: 10.
    #[must_use]
    pub fn max_clients(mut self, requests: usize) -> Self {
        self.max_clients = requests;
        self
    }

    /// Sets how many requests to one host and port run at a time. Default: no limit of its own.
    #[must_use]
    pub fn max_clients_per_host(mut self, requests: usize) -> Self {
        self.max_clients_per_host = requests;
        self
    }

    /// Sets how many connections are kept for later requests. Default: 100.
    #[must_use]
    pub fn max_idle_connections(mut self, connections: usize) -> Self {
        self.max_idle_connections = connections;
        self
    }

    /// Sets how long a connection is kept for later requests. Default: 60 s.
    #[must_use]
    pub fn keep_alive_timeout(mut self, time: Duration) -> Self {
        self.keep_alive_timeout = time;
        self
    }

    /// Sets how many octets the head of a response may have. Default: 65,536.
    #[must_use]
    pub fn max_header_size(mut self, octets: usize) -> Self {
        self.max_header_size = octets;
        self
    }

    /// Sets how many fields the head of a response may have. Default: 100.
    #[must_use]
    pub fn max_headers(mut self, fields: usize) -> Self {
        self.max_headers = fields;
        self
    }

    /// Connects to `to` wherever a URL has the host, or `host:port`, of `from`.
    #[must_use]
    pub fn map_hostname(mut self, from: impl Into<String>, to: impl Into<String>) -> Self {
        let from = from.into().to_ascii_lowercase();
        self.hostname_mapping.insert(from, to.into());
        self
    }

    /// Sets the options of requests that are made from a URL only.
    #[must_use]
    pub fn defaults(mut self, defaults: HttpRequest) -> Self {
        self.defaults = defaults;
        self
    }

    /// Sets what resolves names. Default: the system's resolver.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::client::ClientConfig;
    /// use waterspout_net::{CachedResolver, SystemResolver};
    ///
    /// let resolver = CachedResolver::new(SystemResolver);
    /// let config = ClientConfig::default().resolver(resolver);
    /// ```
    #[must_use]
    pub fn resolver(mut self, resolver: impl Resolver + 'static) -> Self {
        self.resolver = Some(Rc::new(resolver));
        self
    }

    /// Sends requests through a proxy, except those to hosts of [`no_proxy`](Self::no_proxy).
    /// Default: none.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.proxies.set_all(proxy);
        self
    }

    /// Sets which hosts are reached without a proxy, divided by commas, as the variable `NO_PROXY`:
    /// names, which stand for what is below them too, addresses, networks such as `10.0.0.0/8`, each
    /// perhaps with a port; `*` is all. Default: none.
    #[must_use]
    pub fn no_proxy(mut self, hosts: &str) -> Self {
        self.proxies.set_bypass(hosts);
        self
    }

    /// Takes proxies from the environment, as curl does: `http_proxy`, `https_proxy`, `all_proxy`
    /// and `no_proxy`, the last three in capitals too. `HTTP_PROXY` is not read, since a CGI server
    /// sets it to what a client sent (CVE-2016-5385). Default: the environment is not looked at.
    ///
    /// # Errors
    ///
    /// [`FetchError`] (request) if a variable names no proxy; the text names the variable.
    pub fn proxies_from_env(mut self) -> Result<Self, FetchError> {
        self.proxies = ProxyRules::from_variables(|name| std::env::var(name).ok())?;
        Ok(self)
    }

    /// Keeps the cookies of responses and sends them where they belong. Default: none are kept.
    #[must_use]
    pub fn cookie_jar(mut self, jar: CookieJar) -> Self {
        self.cookie_jar = Some(jar);
        self
    }
}

impl fmt::Debug for ClientConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientConfig")
            .field("max_clients", &self.max_clients)
            .field("max_clients_per_host", &self.max_clients_per_host)
            .field("max_idle_connections", &self.max_idle_connections)
            .field("keep_alive_timeout", &self.keep_alive_timeout)
            .finish_non_exhaustive()
    }
}
