use std::cell::RefCell;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::{Notify, mpsc};
use waterspout::{Application, Context, Next, RequestHandler, Result};

use super::support::{Client, with_server};

/// Sends words of what happens to the test.
#[derive(Clone)]
struct News(mpsc::UnboundedSender<&'static str>);

impl News {
    fn tell(&self, word: &'static str) {
        self.0.send(word).unwrap();
    }
}

/// Tells when it is dropped.
struct Held(News);

impl Drop for Held {
    fn drop(&mut self) {
        self.0.tell("dropped");
    }
}

type Cx = Context<News>;

async fn waits(cx: &mut Cx) -> Result {
    let _held = Held(News::clone(&cx.app()));
    cx.app().tell("waiting");
    std::future::pending().await
}

#[derive(Clone)]
struct Waiter {
    name: &'static str,
}

impl RequestHandler<News> for Waiter {
    async fn get(&mut self, cx: &mut Cx) -> Result {
        self.name = "changed in get";
        waits(cx).await
    }

    async fn on_connection_close(&mut self, cx: &mut Cx) {
        tokio::task::yield_now().await;
        cx.app().tell(self.name);
    }
}

/// Serves, makes a request that the handler waits in, closes, and returns what happened.
fn close_while_waiting(app: impl FnOnce(News) -> Application<News>) -> Vec<&'static str> {
    close_after("GET / HTTP/1.1\r\nHost: t\r\n\r\n", app)
}

fn close_after(request: &str, app: impl FnOnce(News) -> Application<News>) -> Vec<&'static str> {
    let (sender, mut news) = mpsc::unbounded_channel();
    let heard = Rc::new(RefCell::new(Vec::new()));
    let words = Rc::clone(&heard);
    with_server(app(News(sender)), async |client: Client| {
        let mut stream = client.connect().await;
        stream.write_all(request.as_bytes()).await.unwrap();
        assert_eq!(news.recv().await, Some("waiting"));
        drop(stream);
        let first = news.recv().await;
        words.borrow_mut().extend(first);
        // One more request shows that the worker lives, and that all news of the first are here.
        assert_eq!(client.get("/after").await.status(), 404);
        while let Ok(word) = news.try_recv() {
            words.borrow_mut().push(word);
        }
    });
    heard.take()
}

#[test]
fn a_waiting_function_is_dropped_when_the_client_goes() {
    let heard = close_while_waiting(|news| Application::new(news).get("/", waits));
    assert_eq!(heard, ["dropped"]);
}

#[test]
fn the_last_octet_of_a_body_is_enough_to_see_the_client_go() {
    let request = "PUT / HTTP/1.1\r\nHost: t\r\nContent-Length: 3\r\n\r\nabc";
    let heard = close_after(request, |news| {
        Application::new(news)
            .put("/", async |cx: &mut Cx| -> Result {
                assert_eq!(cx.chunk().await?.as_deref(), Some(&b"abc"[..]));
                waits(cx).await
            })
            .stream_body()
    });
    assert_eq!(heard, ["dropped"]);
}

#[test]
fn on_connection_close_runs_after_the_verb_is_dropped() {
    let waiter = Waiter { name: "fresh" };
    let heard = close_while_waiting(|news| Application::new(news).route("/", waiter));
    assert_eq!(heard, ["dropped", "changed in get"]);
}

#[test]
fn middleware_around_a_class_learns_that_the_client_is_gone() {
    let heard = close_while_waiting(|news| {
        Application::new(news)
            .route("/", Waiter { name: "fresh" })
            .wrap(async |cx: &mut Cx, next: Next<'_, News>| {
                let result = next.run(cx).await;
                if result
                    .as_ref()
                    .is_err_and(waterspout::Error::is_disconnected)
                {
                    cx.app().tell("unwound");
                }
                result
            })
    });
    assert_eq!(heard, ["dropped", "changed in get", "unwound"]);
}

#[test]
fn finish_after_close_lets_the_handler_run_to_its_end() {
    let heard = close_while_waiting(|news| {
        Application::new(news)
            .get("/", async |cx: &mut Cx| {
                cx.app().tell("waiting");
                for _ in 0..20 {
                    tokio::task::yield_now().await;
                }
                cx.app().tell("ran to its end");
            })
            .finish_after_close()
    });
    assert_eq!(heard, ["ran to its end"]);
}

/// Answers, and goes on when the client has left.
#[derive(Clone)]
struct GoesOn {
    in_on_finish: bool,
    left: Rc<Notify>,
}

impl RequestHandler<News> for GoesOn {
    async fn get(&mut self, cx: &mut Cx) -> Result {
        cx.write("all")?;
        if !self.in_on_finish {
            cx.finish()?;
            self.left.notified().await;
            cx.app().tell("went on");
        }
        Ok(())
    }

    async fn on_finish(&mut self, cx: &mut Cx) {
        if self.in_on_finish {
            self.left.notified().await;
        }
        cx.app().tell("on_finish");
    }

    async fn on_connection_close(&mut self, cx: &mut Cx) {
        cx.app().tell("given up");
    }
}

#[test]
fn a_finished_answer_goes_out_before_the_handler_goes_on_and_the_client_may_leave() {
    for (in_on_finish, wanted) in [
        (false, &["went on", "on_finish"][..]),
        (true, &["on_finish"]),
    ] {
        let (sender, mut news) = mpsc::unbounded_channel();
        let left = Rc::new(Notify::new());
        let handler = GoesOn {
            in_on_finish,
            left: Rc::clone(&left),
        };
        let app = Application::new(News(sender)).route("/", handler);
        with_server(app, async |client: Client| {
            let request = "GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n";
            let mut stream = client.connect().await;
            stream.write_all(request.as_bytes()).await.unwrap();
            let limit = std::time::Duration::from_secs(10);
            let answered = tokio::time::timeout(limit, async {
                let mut answer = Vec::new();
                while !answer.ends_with(b"\r\n\r\nall") {
                    answer.push(stream.read_u8().await.unwrap());
                }
            });
            let answered = answered.await.is_ok();
            drop(stream);
            // The server sees the end of the connection before the handler is released.
            assert_eq!(client.get("/after").await.status(), 404);
            left.notify_one();
            for word in wanted {
                assert_eq!(news.recv().await, Some(*word));
            }
            assert!(answered, "the answer waits for the handler");
        });
    }
}
