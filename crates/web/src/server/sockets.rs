//! The listening sockets, and how the workers share them.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs};
use std::path::Path;

use waterspout_net::{BindOptions, BoundAddr, BoundSocket, bind_sockets, bind_unix_socket};

use crate::reload::{Wanted, take_matching};

/// Sockets that are bound, for one worker or for all.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    bound: Vec<BoundSocket>,
    /// How to bind another socket to the same address; for SO_REUSEPORT only.
    rebind: Vec<(SocketAddr, BindOptions)>,
}

impl Sockets {
    pub(super) fn is_empty(&self) -> bool {
        self.bound.is_empty()
    }

    pub(super) fn add(&mut self, sockets: impl IntoIterator<Item = BoundSocket>) {
        self.bound.extend(sockets);
    }

    /// Binds, and remembers how if every worker is to have sockets of its own.
    pub(super) fn bind(&mut self, port: u16, options: &BindOptions) -> io::Result<()> {
        let mut sockets = take_matching(&Wanted::Tcp(&addresses(port, options)));
        if sockets.is_empty() {
            sockets = bind_sockets(port, options.clone())?;
        }
        for socket in &sockets {
            if options.reuse_port
                && let BoundAddr::Tcp(address) = socket.local_addr()?
            {
                let options = options.clone().address(address.ip().to_string());
                self.rebind.push((address, options));
            }
        }
        self.add(sockets);
        Ok(())
    }

    /// Binds a Unix socket.
    pub(super) fn bind_unix(&mut self, path: &Path, mode: u32, backlog: u32) -> io::Result<()> {
        let mut sockets = take_matching(&Wanted::Unix(path));
        if sockets.is_empty() {
            sockets.push(bind_unix_socket(path, mode, backlog)?);
        }
        self.add(sockets);
        Ok(())
    }

    /// Makes second handles of all that are bound.
    pub(super) fn try_clone(&self) -> io::Result<Vec<BoundSocket>> {
        self.bound.iter().map(BoundSocket::try_clone).collect()
    }

    pub(super) fn addresses(&self) -> Vec<BoundAddr> {
        let addresses = self.bound.iter().map(BoundSocket::local_addr);
        addresses.filter_map(Result::ok).collect()
    }

    /// Makes a set of sockets for each of so many workers. Those bound with SO_REUSEPORT are bound
    /// once more for each, the others are shared.
    pub(super) fn split(self, workers: usize) -> io::Result<Vec<Vec<BoundSocket>>> {
        let mut sets = Vec::with_capacity(workers);
        for _ in 1..workers {
            let mut set = Vec::new();
            for (address, options) in &self.rebind {
                set.extend(bind_sockets(address.port(), options.clone())?);
            }
            for socket in self.bound.iter().filter(|socket| !self.is_rebound(socket)) {
                set.push(socket.try_clone()?);
            }
            sets.push(set);
        }
        sets.push(self.bound);
        Ok(sets)
    }

    fn is_rebound(&self, socket: &BoundSocket) -> bool {
        let Ok(BoundAddr::Tcp(address)) = socket.local_addr() else {
            return false;
        };
        self.rebind.iter().any(|(known, _)| *known == address)
    }
}

/// The addresses that options mean. A name that is not known is left to the attempt to bind.
fn addresses(port: u16, options: &BindOptions) -> Vec<SocketAddr> {
    match options.address.as_deref() {
        None | Some("") => vec![
            (Ipv4Addr::UNSPECIFIED, port).into(),
            (Ipv6Addr::UNSPECIFIED, port).into(),
        ],
        Some(host) => (host, port)
            .to_socket_addrs()
            .map(Iterator::collect)
            .unwrap_or_default(),
    }
}
