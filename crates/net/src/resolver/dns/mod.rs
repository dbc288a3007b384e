//! Asking name servers, by hickory, on the loop itself.

mod config;
mod hosts;
mod on_loop;

use std::fmt;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use hickory_resolver::Resolver as Hickory;
use hickory_resolver::config::{
    ConnectionConfig, LookupIpStrategy, NameServerConfig, ResolveHosts, ResolverConfig,
};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::rr::Name;

pub use config::DnsConfig;

use super::{ResolveError, Resolver, Resolving, SystemResolver, is_local, literal, zoned};
use crate::Family;
use hosts::Hosts;
use on_loop::OnLoop;

/// Asks name servers over UDP, and over TCP for long answers, without a thread: the feature
/// `dns-hickory`.
///
/// `localhost` is this machine, `/etc/hosts` counts, and names without a dot are tried with the search
/// domains of `/etc/resolv.conf`; nothing else of the system does, such as the name service switch.
/// What was found is remembered for as long as the name server allows, so no
/// [`CachedResolver`](super::CachedResolver) is needed around it. It belongs to the loop it is used on.
///
/// # Examples
///
/// ```no_run
/// use waterspout_net::{DnsConfig, DnsResolver, Family, IoLoop, Resolver, TcpClient};
///
/// IoLoop::new()?.run_sync(async {
///     let resolver = DnsResolver::new(&DnsConfig::default())?;
///     println!("{:?}", resolver.resolve("example.org", 443, Family::Any).await?);
///     let _client = TcpClient::with_resolver(resolver);
///     Ok::<(), std::io::Error>(())
/// })?;
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct DnsResolver {
    hickory: Hickory<OnLoop>,
    hosts: Hosts,
}

impl DnsResolver {
    /// Makes a resolver; reads `/etc/resolv.conf` if no name servers are given, and the file of hosts.
    ///
    /// # Errors
    ///
    /// An error whose text names the file, if it cannot be read or names no server.
    pub fn new(config: &DnsConfig) -> io::Result<Self> {
        let provider = OnLoop::default();
        let mut builder = if config.servers.is_empty() {
            Hickory::builder(provider).map_err(|error| {
                let text = format!(
                    "cannot use /etc/resolv.conf: {error}; name servers with DnsConfig::server"
                );
                io::Error::new(io::ErrorKind::InvalidInput, text)
            })?
        } else {
            let servers = config.servers.iter().map(name_server).collect();
            let settings = ResolverConfig::from_parts(None, Vec::new(), servers);
            Hickory::builder_with_config(settings, provider)
        };
        let options = builder.options_mut();
        options.ip_strategy = LookupIpStrategy::Ipv4AndIpv6;
        options.use_hosts_file = ResolveHosts::Never;
        options.timeout = config.timeout;
        options.attempts = config.attempts;
        options.cache_size = config.cache_size;
        let hosts = match &config.hosts_file {
            Some(path) => Hosts::read(path)?,
            None => Hosts::default(),
        };
        let hickory = builder.build().map_err(io::Error::other)?;
        Ok(Self { hickory, hosts })
    }

    async fn look_up(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
        if is_local(host) {
            return Ok(vec![
                (Ipv4Addr::LOCALHOST, port).into(),
                (Ipv6Addr::LOCALHOST, port).into(),
            ]);
        }
        let in_file = self.hosts.addresses(host);
        if !in_file.is_empty() {
            return Ok(in_file.iter().map(|ip| (*ip, port).into()).collect());
        }
        // Strictly a host name has no underscore, and yet machines have: getaddrinfo takes them, too.
        let looked_up = match Name::from_str_relaxed(host) {
            Ok(name) => self.hickory.lookup_ip(name).await,
            Err(error) => Err(NetError::from(error)),
        };
        match looked_up {
            Ok(found) => Ok(found.iter().map(|ip| (ip, port).into()).collect()),
            Err(error) => Err(failure(host, error)),
        }
    }
}

impl Resolver for DnsResolver {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, family: Family) -> Resolving<'a> {
        if let Some(address) = zoned(host) {
            return SystemResolver.resolve(address, port, family);
        }
        Box::pin(async move {
            let mut found = match literal(host) {
                Some(ip) => vec![(ip, port).into()],
                None => self.look_up(host, port).await?,
            };
            found.retain(|address| family.includes(address));
            if found.is_empty() {
                return Err(ResolveError::no_address(host, family));
            }
            Ok(found)
        })
    }
}

fn name_server(address: &SocketAddr) -> NameServerConfig {
    let (mut udp, mut tcp) = (ConnectionConfig::udp(), ConnectionConfig::tcp());
    udp.port = address.port();
    tcp.port = address.port();
    NameServerConfig::new(address.ip(), true, vec![udp, tcp])
}

fn failure(host: &str, error: NetError) -> ResolveError {
    if error.is_nx_domain() {
        let text = "the name servers say that there is no such name";
        return ResolveError::failed(host, io::Error::new(io::ErrorKind::NotFound, text));
    }
    let kind = match &error {
        NetError::Dns(DnsError::NoRecordsFound(_)) => {
            return ResolveError::no_address(host, Family::Any);
        }
        NetError::Timeout => io::ErrorKind::TimedOut,
        NetError::Io(io) => io.kind(),
        _ => io::ErrorKind::Other,
    };
    ResolveError::failed(host, io::Error::new(kind, error))
}

impl fmt::Debug for DnsResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DnsResolver").finish_non_exhaustive()
    }
}
