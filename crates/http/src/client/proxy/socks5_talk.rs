//! Speaking SOCKS 5 over a connection.

use std::future::poll_fn;

use waterspout_net::IoStream;

use super::Proxy;
use super::socks5::{self, Method, Target};
use crate::client::FetchError;

/// Has the proxy connect to `target`; from then on the stream is with that.
pub(in crate::client) async fn negotiate(
    stream: &mut IoStream,
    proxy: &Proxy,
    target: &Target<'_>,
    port: u16,
) -> Result<(), FetchError> {
    let refused = |why: String| FetchError::proxy(proxy, &why);
    let greeting = socks5::greeting(proxy.user.is_some());
    let method = say(stream, proxy, greeting, socks5::parse_method).await?;
    match (method, &proxy.user) {
        (Method::None, _) => {}
        (Method::Password, Some((user, password))) => {
            let message = socks5::credentials(user, password).map_err(refused)?;
            say(stream, proxy, &message, socks5::parse_accepted).await?;
        }
        (Method::Password, None) => {
            return Err(refused("asks for a user and a password".into()));
        }
    }
    let message = socks5::connect(target, port).map_err(refused)?;
    say(stream, proxy, &message, socks5::parse_reply).await?;
    if stream.buffered().is_empty() {
        return Ok(());
    }
    // A server of HTTP or TLS lets the client speak first.
    Err(refused("sent octets ahead of the server's".into()))
}

/// Sends a message and reads the answer.
async fn say<T>(
    stream: &mut IoStream,
    proxy: &Proxy,
    message: &[u8],
    parse: impl Fn(&[u8]) -> Result<Option<(T, usize)>, String>,
) -> Result<T, FetchError> {
    let broken = |error| FetchError::proxy_because(proxy, "closed the connection", error);
    stream.enqueue(message);
    let flushed = poll_fn(|cx| stream.poll_flush(cx, &mut 0)).await;
    flushed.map_err(broken)?;
    loop {
        let parsed = parse(stream.buffered());
        if let Some((found, len)) = parsed.map_err(|why| FetchError::proxy(proxy, &why))? {
            stream.consume(len);
            return Ok(found);
        }
        match stream.fill().await {
            Ok(0) => return Err(FetchError::proxy(proxy, "closed the connection")),
            Ok(_) => {}
            Err(error) => return Err(broken(error)),
        }
    }
}
