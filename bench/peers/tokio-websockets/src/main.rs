//! tokio-websockets with its own handshake, on tokio's current-thread runtime: an echo at every path.

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_websockets::{Error, ServerBuilder};

async fn echo(stream: TcpStream) -> Result<(), Error> {
    let (_request, mut ws) = ServerBuilder::new().accept(stream).await?;
    while let Some(message) = ws.next().await {
        let message = message?;
        if message.is_text() || message.is_binary() {
            ws.send(message).await?;
        }
    }
    Ok(())
}

async fn accept(listener: std::net::TcpListener) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        // How a client leaves is of no interest here.
        tokio::spawn(async move { drop(echo(stream).await) });
    }
}

fn main() -> std::io::Result<()> {
    let flags = peer_contract::Flags::from_args();
    flags.refuse_rest();
    let listener = peer_contract::bind(flags.port);
    peer_contract::announce(listener.local_addr()?);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(accept(listener))
}
