use std::cell::RefCell;

use waterspout::{Application, Context, Error, HttpError, RequestHandler, Result};

use super::support::{Text, with_server};

type Steps = RefCell<Vec<String>>;
type Cx = Context<Steps>;

/// Notes what is called, in order.
#[derive(Clone, Default)]
struct Noted {
    calls: u32,
}

impl Noted {
    fn note(&mut self, cx: &Cx, what: &str) {
        self.calls += 1;
        cx.app().borrow_mut().push(format!("{what} {}", self.calls));
    }
}

impl RequestHandler<Steps> for Noted {
    async fn prepare(&mut self, cx: &mut Cx) -> Result {
        self.note(cx, "prepare");
        match cx.query_argument("stop") {
            Ok(_) => cx.redirect("/stopped"),
            Err(_) => Ok(()),
        }
    }

    async fn get(&mut self, cx: &mut Cx) -> Result {
        self.note(cx, "get");
        cx.write("got")
    }

    async fn post(&mut self, cx: &mut Cx) -> Result {
        self.note(cx, "post");
        Err(HttpError::CONFLICT.into())
    }

    async fn delete(&mut self, _cx: &mut Cx) -> Result {
        panic!("on purpose")
    }

    async fn write_error(&mut self, cx: &mut Cx, error: &Error) -> Result {
        self.note(cx, "write_error");
        cx.write(format!("noted {}", error.status().as_u16()))
    }

    async fn on_finish(&mut self, cx: &mut Cx) {
        self.note(cx, &format!("on_finish {}", cx.status().as_u16()));
        assert!(cx.write("too late").is_err());
    }
}

#[derive(Clone)]
struct Plain(&'static str);

impl<S: 'static> RequestHandler<S> for Plain {
    async fn get(&mut self, cx: &mut Context<S>) -> Result {
        cx.write(self.0)?;
        self.0 = "changed";
        Ok(())
    }

    async fn options(&mut self, cx: &mut Context<S>) -> Result {
        cx.write("my options")
    }
}

fn app() -> Application<Steps> {
    Application::new(Steps::default())
        .route("/noted", Noted::default())
        .route("/plain", Plain("plain"))
        .get("/steps", async |cx: &mut Cx| -> Text {
            Ok(cx.app().take().join(", "))
        })
}

#[test]
fn prepare_verb_and_on_finish_share_the_fields_of_one_clone() {
    with_server(app(), async |client| {
        assert_eq!(client.get("/noted").await.body(), "got");
        assert_eq!(
            client.get("/steps").await.body(),
            "prepare 1, get 2, on_finish 200 3"
        );
        assert_eq!(client.get("/plain").await.body(), "plain");
        assert_eq!(client.get("/plain").await.body(), "plain");
    });
}

#[test]
fn finishing_in_prepare_skips_the_verb() {
    with_server(app(), async |client| {
        let response = client.get("/noted?stop=1").await;
        assert_eq!(
            (response.status(), response.field("location")),
            (302, "/stopped")
        );
        assert_eq!(
            client.get("/steps").await.body(),
            "prepare 1, on_finish 302 2"
        );
    });
}

#[test]
fn failures_and_panics_reach_the_write_error_of_the_handler() {
    with_server(app(), async |client| {
        assert_eq!(
            client.request("POST", "/noted", "").await.body(),
            "noted 409"
        );
        let steps = "prepare 1, post 2, write_error 3, on_finish 409 4";
        assert_eq!(client.get("/steps").await.body(), steps);
        assert_eq!(
            client.request("DELETE", "/noted", "").await.body(),
            "noted 500"
        );
        let steps = "prepare 1, write_error 2, on_finish 500 3";
        assert_eq!(client.get("/steps").await.body(), steps);
    });
}

#[test]
fn verbs_that_are_not_written_are_405() {
    with_server(app(), async |client| {
        let response = client.request("PUT", "/noted", "").await;
        assert_eq!(response.status(), 405);
        assert_eq!(response.field("allow"), "GET, HEAD, POST, DELETE, OPTIONS");
        assert_eq!(client.request("OPTIONS", "/noted", "").await.status(), 204);
        assert_eq!(
            client.request("OPTIONS", "/plain", "").await.body(),
            "my options"
        );
        let response = client.request("HEAD", "/plain", "").await;
        assert_eq!(response.field("content-length"), "5");
    });
}
