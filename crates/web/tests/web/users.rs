//! Who is there, and what happens if nobody is.

use std::cell::Cell;
use std::future::poll_fn;
use std::pin::pin;
use std::task::Poll;

use waterspout::{Application, Challenge, Context, RequestHandler, Result, same_secret};

use super::support::{Text, say, with_server};

#[derive(Default)]
struct Site {
    looked_up: Cell<u32>,
}

type Cx = Context<Site>;

struct User(String);

async fn find(cx: &mut Cx) -> Result<Option<User>> {
    cx.app().looked_up.set(cx.app().looked_up.get() + 1);
    tokio::task::yield_now().await;
    if cx.cookie("broken").is_some() {
        return Err("x".parse::<u8>().unwrap_err().into());
    }
    Ok(cx.cookie("user").map(User))
}

async fn private(cx: &mut Cx) -> Text {
    let user = cx.require_user::<User>().await?;
    let again = cx.current_user::<User>().await?.unwrap();
    Ok(format!(
        "{} {} {}",
        user.0,
        again.0,
        cx.app().looked_up.get()
    ))
}

#[derive(Clone)]
struct Private;

impl RequestHandler<Site> for Private {
    async fn prepare(&mut self, cx: &mut Cx) -> Result {
        cx.require_user::<User>().await.map(drop)
    }

    async fn get(&mut self, cx: &mut Cx) -> Result {
        cx.write("in")
    }

    async fn post(&mut self, cx: &mut Cx) -> Result {
        cx.write("posted")
    }
}

fn app() -> Application<Site> {
    Application::new(Site::default())
        .current_user(find)
        .login_url("/login")
        .get("/private", private)
        .route("/class/{rest}", Private)
        .get("/assigned", async |cx: &mut Cx| {
            cx.set_current_user(Some(User("root".to_owned())));
            private(cx).await
        })
        .get("/wrong", async |cx: &mut Cx| {
            cx.current_user::<u32>().await.map(|_| "never")
        })
        .get("/optional", async |cx: &mut Cx| {
            let user = cx.current_user::<User>().await?;
            Ok::<_, waterspout::Error>(format!("{}", user.is_some()))
        })
        .nest("/admin", |group| {
            group
                .current_user(async |_: &mut Cx| Ok(None::<User>))
                .login_url("https://sso.example/in")
                .get("/x", private)
        })
        .nest("/asks", |group| {
            group.login_url("/choose?from=asks").get("/x", private)
        })
}

#[test]
fn somebody_is_found_once_for_each_request() {
    with_server(app(), async |client| {
        let fields = "Cookie: user=ada\r\n";
        let response = client.request("GET", "/private", fields).await;
        assert_eq!(response.body(), "ada ada 1");
        let response = client.request("GET", "/private", fields).await;
        assert_eq!(response.body(), "ada ada 2");
        let response = client.request("GET", "/class/x", fields).await;
        assert_eq!(response.body(), "in");
        assert_eq!(client.get("/assigned").await.body(), "root root 3");
        assert_eq!(client.get("/optional").await.body(), "false");
    });
}

#[test]
fn a_search_that_is_given_up_does_not_stand_in_the_way_of_the_next() {
    let app = app().get("/twice", async |cx: &mut Cx| {
        // It waits for one turn of the loop, and no longer.
        assert!(is_pending_once(cx.current_user::<User>()).await);
        private(cx).await
    });
    with_server(app, async |client| {
        let response = client
            .request("GET", "/twice", "Cookie: user=ada\r\n")
            .await;
        assert_eq!(response.body(), "ada ada 2");
    });
}

/// Polls a future once, and drops it; true if it was not done.
async fn is_pending_once(future: impl Future) -> bool {
    let mut future = pin!(future);
    poll_fn(|cx| Poll::Ready(future.as_mut().poll(cx).is_pending())).await
}

#[test]
fn nobody_is_sent_to_the_login_page_and_back() {
    with_server(app(), async |client| {
        for (path, location) in [
            ("/private", "/login?next=%2Fprivate"),
            (
                "/private?a=1&b=%2F",
                "/login?next=%2Fprivate%3Fa%3D1%26b%3D%252F",
            ),
            ("/class/x", "/login?next=%2Fclass%2Fx"),
            ("http://test/private", "/login?next=%2Fprivate"),
            (
                "/admin/x?y",
                "https://sso.example/in?next=http%3A%2F%2Ftest%2Fadmin%2Fx%3Fy",
            ),
            ("/asks/x", "/choose?from=asks"),
        ] {
            for method in ["GET", "HEAD"] {
                let response = client.request(method, path, "").await;
                assert_eq!(
                    (response.status(), response.field("location")),
                    (302, location)
                );
                assert_eq!(response.body(), "");
            }
        }
        let response = client.post("/class/x", "text/plain", "x").await;
        assert_eq!((response.status(), response.field("location")), (403, ""));
    });
}

#[test]
fn what_goes_wrong_in_looking_is_a_bare_500() {
    with_server(app(), async |client| {
        let response = client
            .request("GET", "/private", "Cookie: broken=1\r\n")
            .await;
        assert_eq!(response.status(), 500);
        let response = client
            .request("GET", "/wrong", "Cookie: user=ada\r\n")
            .await;
        assert_eq!(response.status(), 500);
        assert!(!response.body().contains("current_user"));
    });
    let circular = Application::new(())
        .get("/", asks)
        .current_user(asks_itself);
    with_server(circular, async |client| {
        assert_eq!(client.get("/").await.status(), 500);
    });
    let unset = Application::new(()).get("/", asks);
    with_server(unset, async |client| {
        assert_eq!(client.get("/").await.status(), 500);
    });
}

async fn asks(cx: &mut Context) -> Result {
    cx.current_user::<u8>().await.map(drop)
}

async fn asks_itself(cx: &mut Context) -> Result<Option<u8>> {
    Ok(cx.current_user::<u8>().await?.map(|user| *user))
}

#[test]
fn next_leads_to_pages_of_this_site_only() {
    let app = Application::new(()).get("/login", async |cx: &mut Context| cx.next_url("/home"));
    with_server(app, async |client| {
        for (next, leads_to) in [
            ("/private%3Fa=1", "/private?a=1"),
            ("http://test/a", "/a"),
            ("", "/home"),
            ("//evil.example", "/home"),
            ("///evil.example", "/home"),
            ("/%5Cevil.example", "/home"),
            ("%5C%5Cevil.example", "/home"),
            ("https://evil.example/", "/home"),
            ("http://test.evil.example/", "/home"),
            ("http://test@evil.example/", "/home"),
            ("http://test", "/home"),
            ("http:///evil.example", "/home"),
            ("https:evil.example", "/home"),
            ("javascript:alert(1)", "/home"),
            ("data:text/html,x", "/home"),
            ("/%0d%0aX:%20y", "/home"),
            ("/%09/evil.example", "/home"),
            ("%20//evil.example", "/home"),
        ] {
            let response = client.get(&format!("/login?next={next}")).await;
            assert_eq!(
                (response.status(), response.body()),
                (200, leads_to),
                "{next}"
            );
        }
        assert_eq!(client.get("/login").await.body(), "/home");
        assert_eq!(client.get("/login?next=%ff").await.status(), 400);
    });
}

async fn basic(cx: &mut Context) -> Text {
    match cx.basic_credentials() {
        Some(basic) if same_secret(basic.password(), "open sesame") => Ok(basic.user().to_owned()),
        _ => Err(Challenge::basic("cave").into()),
    }
}

async fn bearer(cx: &mut Context) -> Text {
    let token = cx.bearer_token().map(str::to_owned);
    token.ok_or_else(|| Challenge::bearer("api").into())
}

#[test]
fn credentials_are_read_and_asked_for() {
    let app = Application::new(())
        .get("/basic", basic)
        .get("/bearer", bearer)
        .get("/ok", say("ok"));
    with_server(app, async |client| {
        let aladdin = "Authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n";
        assert_eq!(
            client.request("GET", "/basic", aladdin).await.body(),
            "Aladdin"
        );
        let wrong = "Authorization: Basic QWxhZGRpbjpvcGVu\r\n";
        for fields in [
            "",
            wrong,
            &format!("{aladdin}{aladdin}"),
            "Authorization: Basic \u{ff}\r\n",
        ] {
            let response = client.request("GET", "/basic", fields).await;
            assert_eq!(response.status(), 401);
            let challenge = "Basic realm=\"cave\", charset=\"UTF-8\"";
            assert_eq!(response.field("www-authenticate"), challenge);
        }
        let token = "Authorization: Bearer abc.def-1\r\n";
        assert_eq!(
            client.request("GET", "/bearer", token).await.body(),
            "abc.def-1"
        );
        assert_eq!(
            client.request("GET", "/bearer", aladdin).await.status(),
            401
        );
    });
}
