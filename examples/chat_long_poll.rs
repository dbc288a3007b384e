//! A chat by long polls, after Tornado's demo of that name:
//! `cargo run --release --example chat_long_poll`, then open <http://127.0.0.1:8888/>.
//!
//! A browser asks for messages after the last one it has; the handler waits on a `Condition` until there
//! are some. Closing the page ends the wait.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::process::ExitCode;

use serde::Serialize;
use waterspout::http::ws::handshake::is_same_origin;
use waterspout::net::sync::Condition;
use waterspout::{Application, Html, HttpError, HttpServer, Json, Result};

type Context = waterspout::Context<MessageBuffer>;

fn app() -> Application<MessageBuffer> {
    Application::new(MessageBuffer::default())
        .get("/", page)
        .post("/a/message/new", new_message)
        .post("/a/message/updates", updates)
}

fn main() -> ExitCode {
    let port = std::env::args().nth(1).unwrap_or_else(|| "8888".to_owned());
    match serve(&port) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat_long_poll: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn serve(port: &str) -> Result {
    let server = HttpServer::new(app).listen(("127.0.0.1", port.parse()?))?;
    for address in server.addresses() {
        if let Some(port) = address.port() {
            println!("listening on http://127.0.0.1:{port}");
        }
    }
    server.run()
}

/// The last messages, and those who wait for the next.
#[derive(Default)]
struct MessageBuffer {
    news: Condition,
    cache: RefCell<VecDeque<Message>>,
}

#[derive(Debug, Clone, Serialize)]
struct Message {
    id: u64,
    body: String,
}

#[derive(Debug, Serialize)]
struct Messages {
    messages: Vec<Message>,
}

/// Messages that are kept.
const CACHE_SIZE: usize = 200;

/// Characters of a message.
const MAX_LENGTH: usize = 2000;

impl MessageBuffer {
    /// Returns the messages after the one with the id `cursor`.
    fn since(&self, cursor: u64) -> Vec<Message> {
        let cache = self.cache.borrow();
        cache
            .iter()
            .filter(|message| message.id > cursor)
            .cloned()
            .collect()
    }

    fn add(&self, body: String) -> Message {
        let mut cache = self.cache.borrow_mut();
        let id = cache.back().map_or(1, |last| last.id + 1);
        let message = Message { id, body };
        cache.push_back(message.clone());
        if cache.len() > CACHE_SIZE {
            cache.pop_front();
        }
        drop(cache);
        self.news.notify_all();
        message
    }
}

async fn new_message(cx: &mut Context) -> Result<Json<Message>> {
    // Pages of other sites may not talk in the name of who looks at them.
    if let Some(origin) = cx.header("Origin")
        && !is_same_origin(origin, cx.host())
    {
        return Err(HttpError::forbidden("the page is of another site").into());
    }
    let body = cx.body_argument("body")?;
    if body.is_empty() || body.chars().count() > MAX_LENGTH {
        return Err(HttpError::bad_request("body must have 1 to 2000 characters").into());
    }
    Ok(Json(cx.app().add(body)))
}

async fn updates(cx: &mut Context) -> Result<Json<Messages>> {
    let cursor = cx.body_argument("cursor")?;
    let cursor = cursor.parse::<u64>();
    let cursor = cursor.map_err(|_| HttpError::bad_request("cursor is not a number"))?;
    let buffer = cx.app();
    loop {
        let messages = buffer.since(cursor);
        if !messages.is_empty() || cx.until_drain(buffer.news.wait()).await.is_none() {
            return Ok(Json(Messages { messages }));
        }
    }
}

async fn page(_cx: &mut Context) -> Html<&'static str> {
    Html(PAGE)
}

const PAGE: &str = r#"<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>Chat by long polls</title>
<style>body { font: 1.1rem/1.5 system-ui; max-width: 40rem; margin: 2rem auto; padding: 0 1rem }
form { display: flex; gap: .5rem } input { flex: 1 } input, button { font: inherit; padding: .4rem .6rem }
#inbox p { margin: .3rem 0; overflow-wrap: anywhere }</style>
<h1>Chat by long polls</h1>
<div id="inbox" role="log" aria-live="polite"></div>
<form><input name="body" aria-label="Message" maxlength="2000" autofocus autocomplete="off"><button>Post</button></form>
<script>
const inbox = document.getElementById("inbox"), form = document.querySelector("form");
const post = (path, fields) => fetch(path, { method: "POST", body: new URLSearchParams(fields) });
form.onsubmit = async event => {
  event.preventDefault();
  const body = form.body.value.trim();
  if (!body) return;
  form.body.value = "";
  await post("/a/message/new", { body });
};
(async () => {
  let cursor = 0, pause = 500;
  for (;;) {
    try {
      const answer = await post("/a/message/updates", { cursor });
      if (!answer.ok) throw new Error(answer.status);
      for (const message of (await answer.json()).messages) {
        cursor = message.id;
        inbox.append(Object.assign(document.createElement("p"), { id: "m" + message.id, textContent: message.body }));
        inbox.lastChild.scrollIntoView();
      }
      pause = 500;
    } catch {
      await new Promise(done => setTimeout(done, pause));
      pause = Math.min(pause * 2, 30000);
    }
  }
})();
</script></html>
"#;

#[cfg(test)]
mod tests {
    use waterspout::http::client::HttpRequest;
    use waterspout::net::IoLoop;
    use waterspout::testing::{TestServer, serve};

    use super::{CACHE_SIZE, MessageBuffer, app};

    fn with_app(test: impl AsyncFnOnce(TestServer)) {
        let io_loop = IoLoop::new().expect("a loop can be made");
        io_loop.run_sync(async { test(serve(app())).await });
    }

    async fn say(server: &TestServer, body: &str) -> (u16, String) {
        let url = server.url("/a/message/new");
        let answer = server
            .fetch(HttpRequest::post(url).form([("body", body)]))
            .await;
        (answer.code(), answer.text().into_owned())
    }

    async fn poll(server: &TestServer, cursor: &str) -> (u16, String) {
        let url = server.url("/a/message/updates");
        let answer = server
            .fetch(HttpRequest::post(url).form([("cursor", cursor)]))
            .await;
        (answer.code(), answer.text().into_owned())
    }

    #[test]
    fn a_poll_waits_for_the_next_message() {
        with_app(async |server| {
            let (heard, said) = tokio::join!(poll(&server, "0"), say(&server, "hello <there>"));
            assert_eq!(said, (200, r#"{"id":1,"body":"hello <there>"}"#.into()));
            assert_eq!(heard, (200, format!(r#"{{"messages":[{}]}}"#, said.1)));
        });
    }

    #[test]
    fn a_poll_with_an_old_cursor_answers_at_once() {
        with_app(async |server| {
            for body in ["one", "two", "three"] {
                say(&server, body).await;
            }
            let (_, heard) = poll(&server, "1").await;
            assert!(heard.contains("two") && heard.contains("three") && !heard.contains("one"));
        });
    }

    #[test]
    fn what_makes_no_sense_is_a_400_and_other_sites_are_a_403() {
        with_app(async |server| {
            assert_eq!(say(&server, "").await.0, 400);
            assert_eq!(poll(&server, "x").await.0, 400);
            for (origin, status) in [("http://evil.example", 403), (&*server.url(""), 200)] {
                let post = HttpRequest::post(server.url("/a/message/new"));
                let post = post.form([("body", "x")]).header("Origin", origin);
                assert_eq!(server.fetch(post).await.code(), status);
            }
        });
    }

    #[test]
    fn a_drain_answers_who_waits() {
        with_app(async |server| {
            let (heard, drained) = tokio::join!(poll(&server, "0"), async {
                while server.connections() == 0 {
                    tokio::task::yield_now().await;
                }
                tokio::task::yield_now().await;
                server.stop().await
            });
            assert_eq!(heard, (200, r#"{"messages":[]}"#.into()));
            assert!(drained);
        });
    }

    #[test]
    fn only_the_last_messages_are_kept() {
        let buffer = MessageBuffer::default();
        for number in 0..CACHE_SIZE + 5 {
            buffer.add(number.to_string());
        }
        let kept = buffer.since(0);
        assert_eq!((kept.len(), &*kept[0].body), (CACHE_SIZE, "5"));
    }
}
