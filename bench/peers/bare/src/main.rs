//! The limit: epoll, one `recv`, one `send` of a fixed reply. It parses nothing and knows no deadline.
//!
//! With `--count` it counts the request ends in what it received and answers that many, for
//! pipelined clients. With `--close` it closes after each reply. `--body TEXT` and `--type TEXT` set
//! the one reply it knows. With `--echo N` it opens WebSockets and answers each message of N octets
//! with a fixed one. With `--room N` it answers each on all of them.

mod reply;
mod server;

fn main() -> std::io::Result<()> {
    let mut flags = peer_contract::Flags::from_args();
    let options = reply::Options::from_rest(std::mem::take(&mut flags.rest));
    let listener = peer_contract::bind(flags.port);
    let address = listener.local_addr()?;
    let mut server = server::Server::new(listener, &options)?;
    peer_contract::announce(address);
    server.run()
}
