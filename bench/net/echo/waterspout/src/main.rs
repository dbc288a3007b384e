//! An echo server on `IoStream`s: what has come goes back.

use std::cell::RefCell;
use std::io;
use std::net::Ipv4Addr;

use waterspout_net::{BindOptions, IoLoop, IoStream, Outcome, PeerAddr, StreamError, TcpServer};

/// Octets that one message has at the most, as Tornado's.
const AT_ONCE: usize = 64 * 1024;

/// In the steps of a protocol driver: from the stream's input to its output.
async fn steps(mut stream: IoStream, _peer: PeerAddr) -> io::Result<()> {
    while let count @ 1.. = stream.fill().await? {
        let (octets, outgoing) = stream.buffers();
        outgoing.extend_from_slice(octets);
        stream.consume(count);
        stream.flush().await?;
    }
    Ok(())
}

/// With the methods that Tornado has: a message is read, and written.
async fn messages(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
    loop {
        let octets = match stream.read_partial(AT_ONCE).await {
            Ok(octets) => octets,
            Err(StreamError::Closed(None)) => return Ok(()),
            Err(error) => return Err(error),
        };
        stream.write_bytes(octets).await?;
    }
}

/// Echoes one message, and keeps the stream without a read and without a task.
async fn park(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
    let octets = stream.read_partial(AT_ONCE).await?;
    stream.write_bytes(octets).await?;
    PARKED.with_borrow_mut(|parked| parked.push(stream));
    Ok(())
}

thread_local! {
    static PARKED: RefCell<Vec<IoStream>> = const { RefCell::new(Vec::new()) };
}

fn main() -> io::Result<()> {
    let mut flags = peer_contract::Flags::from_args();
    let form = flags.rest.pop().unwrap_or_default();
    flags.refuse_rest();
    let io_loop = IoLoop::new()?;
    io_loop.run_sync(async {
        match form.as_str() {
            "" => listen(TcpServer::new(steps), flags.port),
            "--messages" => listen(TcpServer::new(messages), flags.port),
            "--park" => listen(TcpServer::new(park), flags.port),
            _ => panic!("unknown argument {form}"),
        }
    })?;
    io_loop.start();
    PARKED.take();
    Ok(())
}

fn listen<H, R>(server: TcpServer<H>, port: u16) -> io::Result<()>
where
    H: AsyncFn(IoStream, PeerAddr) -> R + 'static,
    R: Outcome + 'static,
{
    let options = BindOptions::default().address("127.0.0.1").backlog(1024);
    let server = server.bind_options(options);
    server.listen(port)?;
    let port = server.local_addrs()[0].port().unwrap_or(port);
    peer_contract::announce((Ipv4Addr::LOCALHOST, port).into());
    Ok(())
}
