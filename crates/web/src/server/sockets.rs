//! The listening sockets, and how the workers share them.

use std::io;
use std::net::SocketAddr;

use waterspout_net::{BindOptions, BoundAddr, BoundSocket, bind_sockets};

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
        let sockets = bind_sockets(port, options.clone())?;
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
