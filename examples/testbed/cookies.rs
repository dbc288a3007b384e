//! Cookies: what came in, and one that goes out with the attributes of the query.

use std::collections::BTreeMap;

use serde::Deserialize;
use waterspout::{Context, CookieOptions, Error, HttpError, Json, Result};

pub(crate) async fn show(cx: &mut Context) -> Json<BTreeMap<String, String>> {
    Json(cx.cookies().into_iter().collect())
}

#[derive(Deserialize)]
struct Cookie {
    name: String,
    value: String,
    path: Option<String>,
    domain: Option<String>,
    max_age: Option<i64>,
    expires_days: Option<f64>,
    samesite: Option<String>,
}

pub(crate) async fn set(cx: &mut Context) -> Result<&'static str> {
    let cookie: Cookie = cx.query()?;
    let mut options = CookieOptions::new();
    if let Some(path) = &cookie.path {
        options = options.path(path);
    }
    if let Some(domain) = &cookie.domain {
        options = options.domain(domain);
    }
    if let Some(seconds) = cookie.max_age {
        options = options.max_age(seconds);
    }
    if let Some(days) = cookie.expires_days {
        options = options.expires_days(days);
    }
    if let Some(same_site) = &cookie.samesite {
        let known = same_site
            .parse()
            .map_err(|_| bad("samesite is not Lax, Strict or None"))?;
        options = options.same_site(known);
    }
    options = options
        .http_only(is_on(cx, "httponly")?)
        .secure(is_on(cx, "secure")?);
    cx.set_cookie_with(&cookie.name, &cookie.value, &options)
        .map_err(blame_client)?;
    Ok("ok")
}

/// Tells whether a flag is there, blank as Tornado's probe has it or with a value that says so.
fn is_on(cx: &mut Context, flag: &str) -> Result<bool> {
    let given = cx.query_arguments(flag)?;
    let last = given.last().map(String::as_str);
    Ok(matches!(last, Some("" | "1" | "true" | "on")))
}

/// What the query asks for is the client's mistake if it cannot be sent.
pub(crate) fn blame_client(error: Error) -> Error {
    let cause = error.cause().map(ToString::to_string);
    error.with_answer(bad(&cause.unwrap_or_default()))
}

fn bad(message: &str) -> HttpError {
    HttpError::bad_request(message.to_owned())
}
