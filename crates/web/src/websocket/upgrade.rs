//! From the request to the 101.

use std::rc::Rc;

use http::StatusCode;
use waterspout_http::Upgraded;
use waterspout_http::ws::deflate::Params;
use waterspout_http::ws::handshake::Opening;
use waterspout_http::ws::{Socket, WebSocketConfig};

use super::seed::Seed;
use super::socket::WebSocket;
use crate::context::Context;
use crate::error::{HttpError, Result};

/// Checks that the request opens a WebSocket.
pub(super) fn check<S>(cx: &Context<S>) -> Result<Opening> {
    Opening::of(cx.request()).map_err(|refusal| {
        let mut error = HttpError::new(refusal.status).with_message(refusal.reason);
        if refusal.status == StatusCode::UPGRADE_REQUIRED {
            error = error
                .with_header("Upgrade", "websocket")
                .with_header("Sec-WebSocket-Version", "13");
        }
        error.into()
    })
}

/// Asks `allowed` after the origin of the page, if a page is what connects.
pub(super) fn check_origin<S>(cx: &Context<S>, allowed: impl FnOnce(&str) -> bool) -> Result {
    let mut origins = cx.headers().get_all("origin");
    let Some(origin) = origins.next() else {
        return Ok(());
    };
    let origin = std::str::from_utf8(origin).unwrap_or("null");
    if origins.next().is_none() && allowed(origin) {
        return Ok(());
    }
    Err(HttpError::FORBIDDEN
        .with_message("Cross origin websockets not allowed")
        .into())
}

/// Answers with 101 and has `start` go on once it is written.
pub(super) fn accept<S: 'static>(
    cx: &mut Context<S>,
    opening: &Opening,
    subprotocol: Option<String>,
    config: Rc<WebSocketConfig>,
    start: impl FnOnce(Socket, WebSocket<S>) + 'static,
) -> Result {
    let offers = cx.headers().get_all("sec-websocket-extensions");
    let options = config.compression_options.as_ref();
    let params = options.and_then(|options| Params::negotiate(offers, options));
    let subprotocol = subprotocol.filter(|chosen| opening.subprotocols.contains(chosen));
    cx.set_header("Upgrade", "websocket")?;
    if let Some(name) = &subprotocol {
        cx.set_header("Sec-WebSocket-Protocol", name)?;
    }
    if let Some(params) = &params {
        cx.set_header("Sec-WebSocket-Extensions", params.to_string())?;
    }
    cx.set_header("Sec-WebSocket-Accept", &opening.accept)?;
    let app = cx.app();
    let seed = Seed::of(cx, subprotocol);
    cx.exchange_mut().upgrade(move |upgraded: Upgraded| {
        let socket = Socket::server(upgraded, config, params.as_ref());
        let ws = WebSocket::new(socket.clone(), app, seed);
        start(socket, ws);
    });
    Ok(())
}
