//! Answers that need no body of the request.

use std::collections::BTreeMap;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use waterspout::{Context, Html, HttpError, Json, RequestHandler, Result, ServerEvent, StatusCode};

pub(crate) async fn plaintext(_cx: &mut Context) -> &'static str {
    "Hello, World!"
}

#[derive(Serialize)]
pub(crate) struct Message {
    message: &'static str,
}

pub(crate) async fn json(_cx: &mut Context) -> Json<Message> {
    Json(Message {
        message: "Hello, World!",
    })
}

pub(crate) async fn user(cx: &mut Context) -> Result<String> {
    cx.path("id")
}

/// The fields of the request; repeated ones are joined as RFC 9110 §5.3 says.
pub(crate) async fn headers(cx: &mut Context) -> Json<BTreeMap<String, String>> {
    let mut all = BTreeMap::<String, String>::new();
    for (name, value) in cx.headers().iter() {
        let value = String::from_utf8_lossy(value);
        all.entry(name.to_owned())
            .and_modify(|known| *known = format!("{known}, {value}"))
            .or_insert_with(|| value.into_owned());
    }
    Json(all)
}

#[derive(Deserialize)]
struct Slow {
    #[serde(default = "one_second")]
    ms: u64,
}

fn one_second() -> u64 {
    1000
}

pub(crate) async fn slow(cx: &mut Context) -> Result<&'static str> {
    let Slow { ms } = cx.query()?;
    tokio::time::sleep(Duration::from_millis(ms)).await;
    Ok("slow")
}

pub(crate) async fn status(cx: &mut Context) -> Result<(StatusCode, String)> {
    let code: u16 = cx.path("code")?;
    let status = StatusCode::from_u16(code)
        .ok()
        .filter(|status| !status.is_informational());
    let status = status.ok_or_else(|| HttpError::bad_request("code is not a final status"))?;
    Ok((status, format!("{status}\n")))
}

pub(crate) async fn redirect(cx: &mut Context) -> Result {
    match cx.path::<u32>("n")? {
        0 | 1 => cx.redirect("/plaintext"),
        n => cx.redirect(&format!("/redirect/{}", n - 1)),
    }
}

/// A page that compresses as pages do.
pub(crate) async fn listing(_cx: &mut Context) -> Html<String> {
    Html(page())
}

/// A page of a little more than 10 KiB, as a list of links is.
fn page() -> String {
    let mut page = String::from("<!DOCTYPE html>\n<title>Stories</title>\n<ol>\n");
    let mut seed = 17_u32;
    while page.len() < 10 * 1024 {
        seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let (story, user, points) = (seed >> 12, seed >> 22, seed >> 24);
        page += &format!(
            "<li class=\"story\"><a href=\"/story/{story}\">Story {story}</a> by \
             <a href=\"/user/{user}\">user {user}</a>, {points} points</li>\n"
        );
    }
    page + "</ol>\n"
}

/// Fails with an error whose text is for the log alone.
pub(crate) async fn error(_cx: &mut Context) -> Result<&'static str> {
    let number: i32 = "not a number".parse()?;
    Ok(if number == 0 { "zero" } else { "not zero" })
}

/// The class form: only the methods it implements are allowed.
#[derive(Debug, Clone)]
pub(crate) struct Method;

impl RequestHandler for Method {
    async fn get(&mut self, cx: &mut Context) -> Result {
        cx.write("GET\n")
    }

    async fn post(&mut self, cx: &mut Context) -> Result {
        cx.write("POST\n")
    }
}

#[derive(Deserialize)]
struct Events {
    #[serde(default = "five")]
    n: u64,
}

fn five() -> u64 {
    5
}

/// `n` server-sent events, a tenth of a second apart; a client that comes back goes on where it was.
pub(crate) async fn sse(cx: &mut Context) -> Result {
    let Events { n } = cx.query()?;
    let mut events = cx.event_stream()?;
    let seen = events.last_event_id().map_or(Ok(0), str::parse);
    let seen: u64 = seen.map_err(|_| HttpError::bad_request("Last-Event-ID is not a number"))?;
    for number in seen.saturating_add(1)..=n {
        let event = ServerEvent::new(format!("event {number}")).id(number.to_string());
        events.send(event).await?;
        let tenth = tokio::time::sleep(Duration::from_millis(100));
        if number < n && events.wait(tenth).await?.is_none() {
            break;
        }
    }
    Ok(())
}
