//! Tunnels through HTTP proxies: CONNECT (RFC 9110 §9.3.6).

use std::future::poll_fn;

use http::{Method, StatusCode};
use waterspout_net::IoStream;

use super::Proxy;
use crate::client::FetchError;
use crate::h1::encode_request::{RequestFraming, encode_request};
use crate::h1::response::{ReceivedHead, ResponseLimits, parse_response};

/// Interim responses before the final one.
const MAX_INTERIM: usize = 10;

/// Has the proxy connect to `authority`; from then on the stream is with that.
pub(in crate::client) async fn tunnel(
    stream: &mut IoStream,
    proxy: &Proxy,
    authority: &str,
) -> Result<(), FetchError> {
    let authorization = proxy.authorization();
    let host = (&b"Host"[..], authority.as_bytes());
    let credentials = authorization
        .as_ref()
        .map(|value| (&b"Proxy-Authorization"[..], value.as_bytes()));
    let fields = std::iter::once(host).chain(credentials);
    let mut head = Vec::new();
    encode_request(
        &Method::CONNECT,
        authority,
        fields,
        RequestFraming::None,
        &mut head,
    )?;
    stream.enqueue(&head);
    let broken = |error| FetchError::proxy_because(proxy, "closed the connection", error);
    let flushed = poll_fn(|cx| stream.poll_flush(cx, &mut 0)).await;
    flushed.map_err(broken)?;
    for _ in 0..=MAX_INTERIM {
        let head = read_head(stream, proxy).await?;
        if head.status().is_informational() {
            continue;
        }
        return finish(stream, proxy, authority, &head);
    }
    Err(FetchError::proxy(proxy, "sent too many 1xx responses"))
}

async fn read_head(stream: &mut IoStream, proxy: &Proxy) -> Result<ReceivedHead, FetchError> {
    loop {
        let parsed = parse_response(stream.buffered(), &ResponseLimits::default());
        let parsed = parsed.map_err(|error| FetchError::proxy(proxy, &error.to_string()))?;
        if let Some((head, len)) = parsed {
            stream.consume(len);
            return Ok(head);
        }
        match stream.fill().await {
            Ok(0) => return Err(FetchError::proxy(proxy, "closed the connection")),
            Ok(_) => {}
            Err(error) => {
                return Err(FetchError::proxy_because(
                    proxy,
                    "closed the connection",
                    error,
                ));
            }
        }
    }
}

/// Any 2xx is a tunnel, without a body whatever the fields say.
fn finish(
    stream: &IoStream,
    proxy: &Proxy,
    authority: &str,
    head: &ReceivedHead,
) -> Result<(), FetchError> {
    let (status, reason) = (head.status(), head.reason());
    if !status.is_success() {
        let hint = match status {
            StatusCode::PROXY_AUTHENTICATION_REQUIRED => ": it asks for a user and a password",
            _ => "",
        };
        let code = status.as_u16();
        let why = format!("refused a tunnel to {authority} with {code} {reason}{hint}");
        return Err(FetchError::proxy(proxy, why.trim_end()));
    }
    if !stream.buffered().is_empty() {
        // In TLS the client speaks first: whoever sent this is not the server.
        return Err(FetchError::proxy(
            proxy,
            "sent octets ahead of the server's",
        ));
    }
    Ok(())
}
