//! Where a browser says that a request comes from.

use waterspout_http::ws::handshake::is_same_origin;

use crate::context::Context;
use crate::error::{HttpError, Result};

/// Refuses a request that a page of another origin sent.
///
/// Browsers put `Sec-Fetch-Site` on requests over TLS and to this machine, and `Origin` on all that matter
/// (Fetch §3.2, Fetch Metadata §2.4). A request with neither comes from no browser of today.
pub(crate) fn check_origin<S>(cx: &Context<S>, trusted: &[String]) -> Result {
    let site = single(cx, "sec-fetch-site");
    let origin = single(cx, "origin");
    let is_ours = match (site, origin) {
        (Field::Once("same-origin" | "none"), _) | (Field::Missing, Field::Missing) => true,
        (Field::Missing, Field::Once(origin)) if is_same_origin(origin, cx.host()) => true,
        (_, Field::Once(origin)) => trusted.iter().any(|known| known == origin),
        _ => false,
    };
    if is_ours {
        return Ok(());
    }
    Err(HttpError::forbidden("Cross-origin request").into())
}

enum Field<'f> {
    Missing,
    Once(&'f str),
    Malformed,
}

fn single<'c, S>(cx: &'c Context<S>, name: &'static str) -> Field<'c> {
    let mut values = cx.headers().get_all(name);
    match (values.next().map(std::str::from_utf8), values.next()) {
        (None, _) => Field::Missing,
        (Some(Ok(value)), None) => Field::Once(value),
        _ => Field::Malformed,
    }
}
