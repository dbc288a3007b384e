//! Asking the system.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};

use super::{ResolveError, Resolver, Resolving, is_local, literal, zoned};
use crate::Family;

/// Asks the system with `getaddrinfo`, on the thread pool of the loop.
///
/// A look-up that is no longer waited for still occupies its thread until the system gives up, and the
/// end of the loop waits for that thread.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

impl Resolver for SystemResolver {
    fn resolve<'a>(&'a self, host: &'a str, port: u16, family: Family) -> Resolving<'a> {
        Box::pin(async move {
            let found = match literal(host) {
                Some(ip) => vec![(ip, port).into()],
                None => look_up(zoned(host).unwrap_or(host), port).await?,
            };
            let mut addresses: Vec<SocketAddr> = Vec::with_capacity(found.len());
            for address in found {
                if family.includes(&address) && !addresses.contains(&address) {
                    addresses.push(address);
                }
            }
            if addresses.is_empty() {
                return Err(ResolveError::no_address(host, family));
            }
            Ok(addresses)
        })
    }
}

async fn look_up(host: &str, port: u16) -> Result<Vec<SocketAddr>, ResolveError> {
    let name = host.to_owned();
    let asked = tokio::task::spawn_blocking(move || {
        let found = (name.as_str(), port).to_socket_addrs();
        found.map(Iterator::collect::<Vec<_>>)
    });
    let found = asked
        .await
        .unwrap_or_else(|lost| Err(io::Error::other(lost)));
    match found {
        Ok(found) if !found.is_empty() || !is_local(host) => Ok(found),
        // RFC 6761 §6.3: these names are this machine, also where nothing else says so.
        _ if is_local(host) => Ok(vec![
            (Ipv4Addr::LOCALHOST, port).into(),
            (Ipv6Addr::LOCALHOST, port).into(),
        ]),
        Ok(found) => Ok(found),
        Err(error) => Err(ResolveError::failed(host, error)),
    }
}
