//! Limits and deadlines of a server.

use std::time::Duration;

use crate::forwarded::TrustedDownstream;

/// Limits and deadlines of a server, all on by default.
///
/// A request that breaks a limit is answered with a status and a text that names the setting.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout_http::server::ServerConfig;
///
/// let config = ServerConfig::default()
///     .max_body_size(1024 * 1024)
///     .idle_timeout(Duration::from_secs(15));
/// assert_eq!(config.max_headers, 100);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Time from the first octet of a head to its end; then 408. Default: 30 s.
    pub head_timeout: Duration,
    /// Time for a TLS or PROXY handshake; then the connection is closed. Default: 10 s.
    pub handshake_timeout: Duration,
    /// Time between requests; then the connection is closed. Default: 75 s.
    pub idle_timeout: Duration,
    /// Time in which a body must bring `min_body_rate` octets for each second of it, counted while
    /// the server waits for the client; then 408. Default: 60 s.
    pub body_timeout: Duration,
    /// Octets a second of a request body at the least, over `body_timeout`. Default: 64; 0 asks for
    /// one octet.
    pub min_body_rate: u32,
    /// Time in which the client must take `min_write_rate` octets for each second of it, counted
    /// while output waits; then the connection is closed. Default: 60 s.
    pub write_timeout: Duration,
    /// Octets a second of a response that the client must take at the least, over `write_timeout`.
    /// Default: 64; 0 asks for one octet.
    pub min_write_rate: u32,
    /// Time that a connection which is closed early still reads what the client sends, so that a
    /// reset does not destroy the answer. Default: 2 s.
    pub linger_timeout: Duration,
    /// Octets of a request head; then 431. Default: 65,536.
    pub max_header_size: usize,
    /// Fields of a request head; then 431. Default: 100.
    pub max_headers: usize,
    /// Octets of a request target; then 414. Default: 16,384.
    pub max_uri_size: usize,
    /// Octets of a request body; then 413. Default: 16,777,216 (Tornado: 104,857,600).
    pub max_body_size: u64,
    /// Undoes the `Content-Encoding` of request bodies: gzip, deflate, and brotli and zstd with their
    /// features; 415 for another. `max_body_size` then counts what they come to. Default: false.
    pub decompress_request: bool,
    /// Connections at a time; then accepting pauses. Default: `None`, which is nine tenths of the
    /// limit of open files.
    pub max_connections: Option<usize>,
    /// Keeps connections open between requests. Default: true.
    pub keep_alive: bool,
    /// Proxies whose fields tell the address and protocol of the client (Tornado: `xheaders` and
    /// `trusted_downstream`). Default: `None`, no such field is looked at.
    pub xheaders: Option<TrustedDownstream>,
    /// Value of the `Server` field; empty sends none. Default: `Waterspout/` and the version.
    pub server_name: String,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self {
            head_timeout: Duration::from_secs(30),
            handshake_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_secs(75),
            body_timeout: Duration::from_secs(60),
            min_body_rate: 64,
            write_timeout: Duration::from_secs(60),
            min_write_rate: 64,
            linger_timeout: Duration::from_secs(2),
            max_header_size: 64 * 1024,
            max_headers: 100,
            max_uri_size: 16 * 1024,
            max_body_size: 16 * 1024 * 1024,
            decompress_request: false,
            max_connections: None,
            keep_alive: true,
            xheaders: None,
            server_name: concat!("Waterspout/", env!("CARGO_PKG_VERSION")).into(),
        }
    }
}

/// One chained setter per setting.
macro_rules! setters {
    ($($name:ident: $kind:ty, $what:literal;)*) => {
        impl ServerConfig {
            $(
                #[doc = concat!("Sets ", $what, ".")]
                #[must_use]
                pub fn $name(mut self, $name: $kind) -> Self {
                    self.$name = $name;
                    self
                }
            )*
        }
    };
}

setters! {
    head_timeout: Duration, "the time for a request head. Default: 30 s";
    handshake_timeout: Duration, "the time for a TLS or PROXY handshake. Default: 10 s";
    idle_timeout: Duration, "the time between requests. Default: 75 s";
    body_timeout: Duration, "the time over which a body must keep its rate. Default: 60 s";
    min_body_rate: u32, "the octets a second of a body at the least. Default: 64";
    write_timeout: Duration, "the time over which a response must keep its rate. Default: 60 s";
    min_write_rate: u32, "the octets a second that a client must take at the least. Default: 64";
    linger_timeout: Duration, "the time to read on after an early close. Default: 2 s";
    max_header_size: usize, "the octets of a head. Default: 65,536";
    max_headers: usize, "the number of fields. Default: 100";
    max_uri_size: usize, "the octets of a request target. Default: 16,384";
    max_body_size: u64, "the octets of a request body. Default: 16,777,216";
    decompress_request: bool, "whether the content coding of request bodies is undone. Default: false";
    max_connections: Option<usize>, "the connections at a time. Default: `None`";
    keep_alive: bool, "whether connections stay open between requests. Default: true";
}

impl ServerConfig {
    /// Sets the value of the `Server` field; empty sends none. Octets that no field may have are
    /// left out. Default: `Waterspout/` and the version.
    #[must_use]
    pub fn server_name(mut self, name: impl Into<String>) -> Self {
        self.server_name = name.into();
        self.server_name
            .retain(|letter| matches!(letter, ' '..='~'));
        self
    }

    /// Takes address and protocol of clients from what these proxies say. Default: `None`.
    #[must_use]
    pub fn xheaders(mut self, trusted: TrustedDownstream) -> Self {
        self.xheaders = Some(trusted);
        self
    }

    /// Sets every deadline of a connection to the same time. For tests.
    #[must_use]
    pub fn every_deadline(self, time: Duration) -> Self {
        self.head_timeout(time)
            .handshake_timeout(time)
            .idle_timeout(time)
            .body_timeout(time)
            .write_timeout(time)
            .linger_timeout(time)
    }
}
