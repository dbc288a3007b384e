//! An echo server on tokio's sockets: on the multi-thread runtime, or with `--current-thread` on the
//! other.

use std::io;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

/// Octets that one read takes at the most: a buffer that a connection holds all the time.
const AT_ONCE: usize = 4 * 1024;

async fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut buffer = vec![0; AT_ONCE];
    loop {
        let count = stream.read(&mut buffer).await?;
        if count == 0 {
            return Ok(());
        }
        stream.write_all(&buffer[..count]).await?;
    }
}

async fn serve(listener: std::net::TcpListener) -> io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // An error is the client's leave-taking; there is nobody to tell.
        tokio::spawn(async move { drop(echo(stream).await) });
    }
}

fn main() -> io::Result<()> {
    let mut flags = peer_contract::Flags::from_args();
    let current_thread = flags
        .rest
        .pop()
        .is_some_and(|flag| flag == "--current-thread");
    flags.refuse_rest();
    let listener = peer_contract::bind(flags.port);
    peer_contract::announce(listener.local_addr()?);
    let mut builder = if current_thread {
        Builder::new_current_thread()
    } else {
        Builder::new_multi_thread()
    };
    let runtime = builder.enable_all().build()?;
    // As under `#[tokio::main]`: accepting is the future that the runtime blocks on.
    runtime.block_on(serve(listener))
}
