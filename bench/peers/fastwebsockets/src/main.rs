//! fastwebsockets behind hyper, as its documentation shows it, on tokio's current-thread runtime: an
//! echo at every path, and a room under `/ws/room/`.

use bytes::{Bytes, BytesMut};
use fastwebsockets::upgrade::{UpgradeFut, upgrade};
use fastwebsockets::{
    FragmentCollector, FragmentCollectorRead, Frame, OpCode, Payload, WebSocketError,
};
use http_body_util::Empty;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::broadcast;

async fn echo(upgrade: UpgradeFut) -> Result<(), WebSocketError> {
    let mut ws = FragmentCollector::new(upgrade.await?);
    loop {
        let frame = ws.read_frame().await?;
        match frame.opcode {
            OpCode::Close => return Ok(()),
            OpCode::Text | OpCode::Binary => ws.write_frame(frame).await?,
            _ => {}
        }
    }
}

/// What one sends all get: a channel with a receiver for each.
async fn room(upgrade: UpgradeFut, news: News) -> Result<(), WebSocketError> {
    let mut heard = news.subscribe();
    let (receiving, mut sending) = upgrade.await?.split(tokio::io::split);
    let writer = tokio::spawn(async move {
        while let Ok(message) = heard.recv().await {
            let frame = Frame::text(Payload::Bytes(BytesMut::from(&message[..])));
            if sending.write_frame(frame).await.is_err() {
                return;
            }
        }
    });
    let mut receiving = FragmentCollectorRead::new(receiving);
    let mut answer = async |_: Frame<'_>| Ok::<(), WebSocketError>(());
    loop {
        let Ok(frame) = receiving.read_frame(&mut answer).await else {
            writer.abort();
            return Ok(());
        };
        if frame.opcode == OpCode::Text {
            drop(news.send(Bytes::copy_from_slice(&frame.payload)));
        }
    }
}

type News = broadcast::Sender<Bytes>;

async fn serve(
    mut request: Request<Incoming>,
    news: News,
) -> Result<Response<Empty<Bytes>>, WebSocketError> {
    let (response, upgrade) = upgrade(&mut request)?;
    if request.uri().path().starts_with("/ws/room/") {
        tokio::spawn(async move { drop(room(upgrade, news).await) });
        return Ok(response);
    }
    // How a client leaves is of no interest here.
    tokio::spawn(async move { drop(echo(upgrade).await) });
    Ok(response)
}

async fn accept(listener: std::net::TcpListener) -> std::io::Result<()> {
    let listener = TcpListener::from_std(listener)?;
    let news = News::new(1024);
    loop {
        let (stream, _) = listener.accept().await?;
        let news = news.clone();
        stream.set_nodelay(true)?;
        tokio::spawn(async move {
            let connection = http1::Builder::new()
                .serve_connection(
                    TokioIo::new(stream),
                    service_fn(move |request| serve(request, news.clone())),
                )
                .with_upgrades();
            drop(connection.await);
        });
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
