//! By which way a server is reached.

use std::net::IpAddr;
use std::path::PathBuf;
use std::rc::Rc;

use super::HttpRequest;
use super::options::ProxyChoice;
use crate::client::proxy::Proxy;

impl HttpRequest {
    /// Sets whether IPv6 addresses are used. Default: true.
    #[must_use]
    pub fn allow_ipv6(mut self, allow: bool) -> Self {
        self.options.reach_mut().ipv4_only = !allow;
        self
    }

    /// Sets the address of this machine to connect from. Default: the system's choice.
    #[must_use]
    pub fn network_interface(mut self, address: IpAddr) -> Self {
        self.options.reach_mut().network_interface = Some(address);
        self
    }

    /// Connects to a Unix socket, whatever host the URL names; redirects go there too, and no proxy
    /// is used. Default: TCP.
    #[must_use]
    pub fn unix_socket(mut self, path: impl Into<PathBuf>) -> Self {
        self.options.reach_mut().unix_socket = Some(path.into());
        self
    }

    /// Goes through a proxy, whatever proxies the client has. Default: the client's.
    #[must_use]
    pub fn proxy(mut self, proxy: Proxy) -> Self {
        self.options.reach_mut().proxy = ProxyChoice::Through(Rc::new(proxy));
        self
    }

    /// Goes through no proxy, whatever proxies the client has. Default: the client's.
    #[must_use]
    pub fn no_proxy(mut self) -> Self {
        self.options.reach_mut().proxy = ProxyChoice::Direct;
        self
    }

    /// Sets the host of an HTTP proxy, as Tornado's option; [`proxy_port`](Self::proxy_port) has to
    /// be set too. Default: none.
    #[must_use]
    pub fn proxy_host(mut self, host: impl Into<String>) -> Self {
        self.options.proxy_mut().host = host.into();
        self
    }

    /// Sets the port of an HTTP proxy, as Tornado's option. Default: none.
    #[must_use]
    pub fn proxy_port(mut self, port: u16) -> Self {
        self.options.proxy_mut().port = port;
        self
    }

    /// Sets the user that the proxy is shown, as Tornado's option. Default: none.
    #[must_use]
    pub fn proxy_username(mut self, name: impl Into<String>) -> Self {
        let proxy = self.options.proxy_mut();
        let password = proxy.user.take().map(|(_, password)| password);
        proxy.user = Some((name.into(), password.unwrap_or_default()));
        self
    }

    /// Sets the password of [`proxy_username`](Self::proxy_username), as Tornado's option. Default:
    /// empty.
    #[must_use]
    pub fn proxy_password(mut self, password: impl Into<String>) -> Self {
        let proxy = self.options.proxy_mut();
        let name = proxy.user.take().map(|(name, _)| name);
        proxy.user = Some((name.unwrap_or_default(), password.into()));
        self
    }
}

impl HttpRequest {
    /// Sets whether the certificate of an https server is verified. Off is for tests only. Default:
    /// true.
    #[must_use]
    pub fn validate_cert(mut self, validate: bool) -> Self {
        self.options.reach_mut().tls.validate_cert = validate;
        self
    }

    /// Sets the file of certificates to trust, in PEM, in place of those the machine trusts.
    /// Default: those of the machine.
    #[must_use]
    pub fn ca_certs(mut self, file: impl Into<PathBuf>) -> Self {
        self.options.reach_mut().tls.ca_certs = Some(file.into());
        self
    }

    /// Sets the file of the certificate to show to https servers, in PEM. Its key is in the same
    /// file unless [`client_key`](Self::client_key) names another. Default: none.
    #[must_use]
    pub fn client_cert(mut self, certificate: impl Into<PathBuf>) -> Self {
        self.options.reach_mut().tls.client_cert = Some(certificate.into());
        self
    }

    /// Sets the file of the key of [`client_cert`](Self::client_cert), in PEM. Default: the file of
    /// the certificate.
    #[must_use]
    pub fn client_key(mut self, key: impl Into<PathBuf>) -> Self {
        self.options.reach_mut().tls.client_key = Some(key.into());
        self
    }

    /// Sets the name that an https server is asked for (SNI) and that its certificate has to have.
    /// `Host` still names what the URL does. Default: the host of the URL.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.options.reach_mut().tls.server_name = Some(name.into());
        self
    }
}
