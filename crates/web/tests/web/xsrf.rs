//! Requests that other sites make a browser send.

use waterspout::{Application, Context, CookieOptions, ErrorHandler, HttpError, RequestHandler};
use waterspout::{Result, XsrfConfig};

use super::support::{Client, Response, Text, say, with_server};

#[derive(Clone)]
struct Page;

impl RequestHandler for Page {
    async fn get(&mut self, cx: &mut Context) -> Result {
        let field = cx.xsrf_form_html()?;
        cx.write(field)
    }

    async fn post(&mut self, cx: &mut Context) -> Result {
        cx.write("class")
    }
}

async fn token(cx: &mut Context) -> Text {
    cx.xsrf_token()
}

async fn drain(cx: &mut Context) -> Result<&'static str> {
    while cx.chunk().await?.is_some() {}
    Ok("drained")
}

fn app_with(config: XsrfConfig) -> Application {
    Application::new(())
        .xsrf_cookies(config)
        .route("/page", Page)
        .get("/token", token)
        .post("/", say("posted"))
        .delete("/", say("deleted"))
        .post("/hook", say("hooked"))
        .xsrf_exempt()
        .post("/stream", drain)
        .stream_body()
        .route("/gone", ErrorHandler::new(HttpError::GONE))
}

fn app() -> Application {
    app_with(XsrfConfig::default())
}

/// A token and the cookie that goes with it.
async fn visit(client: Client) -> (String, String) {
    let response = client.get("/token").await;
    let cookie = response.field("set-cookie").split(';').next().unwrap();
    (response.body().to_owned(), format!("Cookie: {cookie}\r\n"))
}

#[track_caller]
fn assert_answer(response: &Response, status: u16, part: &str) {
    let body = response.body();
    assert!(
        response.status() == status && body.contains(part),
        "{response:?}"
    );
}

#[test]
fn forms_with_their_token_pass_and_others_do_not() {
    // Tornado 1.1.1: X-Requested-With, which other sites could send as well, was enough.
    with_server(app(), async |client| {
        let (token, cookie) = visit(client).await;
        let body = format!("_xsrf={token}");
        assert_answer(&client.form("/", &cookie, &body).await, 200, "posted");
        assert_answer(&client.form("/page", &cookie, &body).await, 200, "class");
        let in_query = format!("/?_xsrf={token}");
        assert_answer(&client.form(&in_query, &cookie, "").await, 200, "posted");
        for name in ["X-XSRFToken", "X-CSRFToken"] {
            let fields = format!("{cookie}{name}: {token}\r\n");
            assert_answer(&client.form("/", &fields, "").await, 200, "posted");
            // An empty argument counts as none.
            assert_answer(&client.form("/", &fields, "_xsrf=").await, 200, "posted");
            assert_answer(
                &client.request("DELETE", "/", &fields).await,
                200,
                "deleted",
            );
        }
        assert_answer(&client.form("/", "", "").await, 403, "argument missing");
        let script = format!("{cookie}X-Requested-With: XMLHttpRequest\r\n");
        assert_answer(
            &client.form("/", &script, "").await,
            403,
            "argument missing",
        );
        assert_answer(
            &client.form("/", &cookie, "a=1").await,
            403,
            "argument missing",
        );
        assert_answer(
            &client.form("/page", &cookie, "").await,
            403,
            "argument missing",
        );
        assert_answer(
            &client.request("DELETE", "/", &cookie).await,
            403,
            "argument missing",
        );
        assert_answer(&client.form("/", "", &body).await, 403, "does not match");
        assert_answer(
            &client.form("/", &cookie, "_xsrf=3|").await,
            403,
            "invalid format",
        );
        assert_answer(
            &client.form("/", &cookie, "_xsrf=deadbeef").await,
            403,
            "does not match",
        );
        assert_answer(
            &client.form("/", &cookie, "_xsrf=xoxo").await,
            403,
            "does not match",
        );
        assert_answer(
            &client.form("/", &cookie, "_xsrf=%ff").await,
            400,
            "Invalid unicode",
        );
        let bad_cookie = "Cookie: _xsrf=3|\r\n";
        assert_answer(
            &client.form("/", bad_cookie, &body).await,
            403,
            "does not match",
        );
    });
}

#[test]
fn tokens_of_two_browsers_are_not_interchangeable() {
    with_server(app(), async |client| {
        let (ada, adas_cookie) = visit(client).await;
        let (bob, bobs_cookie) = visit(client).await;
        for (token, cookie, status) in [
            (&ada, &adas_cookie, 200),
            (&bob, &bobs_cookie, 200),
            (&ada, &bobs_cookie, 403),
            (&bob, &adas_cookie, 403),
        ] {
            let response = client.form("/", cookie, &format!("_xsrf={token}")).await;
            assert_eq!(response.status(), status);
        }
    });
}

#[test]
fn a_browser_keeps_its_token_and_sees_it_under_another_mask() {
    // CVE-2014-9720: compression told a token that was the same in each answer.
    with_server(app(), async |client| {
        let (first, cookie) = visit(client).await;
        let again = client.request("GET", "/token", &cookie).await;
        assert!(again.fields("set-cookie").is_empty());
        assert_ne!(again.body(), first);
        let body = format!("_xsrf={}", again.body());
        assert_answer(&client.form("/", &cookie, &body).await, 200, "posted");
        let page = client.request("GET", "/page", &cookie).await;
        let start = "<input type=\"hidden\" name=\"_xsrf\" value=\"2|";
        assert!(
            page.body().starts_with(start) && page.body().ends_with("\"/>"),
            "{page:?}"
        );
        // Tornado's own of the worked example: a cookie that is read and not set anew.
        let cookie = "Cookie: _xsrf=2|a1b2c3d4|a1a3e1e7e5e7a5a3292b696f6d6f2d2b|1700000000\r\n";
        let plain = "_xsrf=00112233445566778899aabbccddeeff";
        assert_answer(&client.form("/", cookie, plain).await, 200, "posted");
    });
}

#[test]
fn version_1_is_plain_and_understood_by_version_2() {
    let mut visited = None;
    with_server(app_with(XsrfConfig::default().version(1)), async |client| {
        let (first, cookie) = visit(client).await;
        assert_eq!((first.len(), first.contains('|')), (32, false));
        let again = client.request("GET", "/token", &cookie).await;
        assert_eq!(again.body(), first);
        visited = Some((format!("_xsrf={first}"), cookie));
    });
    let (body, cookie) = visited.unwrap();
    with_server(app(), async |client| {
        assert_answer(&client.form("/", &cookie, &body).await, 200, "posted");
    });
}

#[test]
fn the_cookie_has_the_name_and_attributes_of_the_settings() {
    let config = XsrfConfig::default()
        .cookie_name("__Host-xsrf")
        .cookie_options(CookieOptions::for_host().expires_days(1.0));
    with_server(app_with(config), async |client| {
        let response = client.get("/token").await;
        let field = response.field("set-cookie").to_owned();
        assert!(
            field.starts_with("__Host-xsrf=2|") && field.ends_with("; Secure"),
            "{field}"
        );
        let cookie = format!("Cookie: {}\r\n", field.split(';').next().unwrap());
        let body = format!("_xsrf={}", response.body());
        assert_answer(&client.form("/", &cookie, &body).await, 200, "posted");
    });
    let plain = app();
    with_server(plain, async |client| {
        let field = client.get("/token").await.field("set-cookie").to_owned();
        assert!(
            field.starts_with("_xsrf=2|") && field.ends_with("; Path=/"),
            "{field}"
        );
    });
}

#[test]
fn the_cookie_of_somebody_known_is_kept_for_30_days() {
    let app = Application::new(()).get("/", async |cx: &mut Context| {
        cx.set_current_user(Some("ada"));
        cx.xsrf_token()
    });
    with_server(app, async |client| {
        let response = client.get("/").await;
        assert!(response.field("set-cookie").contains("; expires="));
    });
}

#[test]
fn exempt_routes_and_error_pages_need_no_token() {
    with_server(app(), async |client| {
        assert_answer(&client.form("/hook", "", "").await, 200, "hooked");
        let from_elsewhere = "Sec-Fetch-Site: cross-site\r\n";
        assert_answer(
            &client.form("/hook", from_elsewhere, "").await,
            200,
            "hooked",
        );
        assert_answer(&client.form("/gone", "", "").await, 410, "Gone");
        assert_answer(&client.form("/nowhere", "", "").await, 404, "Not Found");
        assert_answer(&client.form("/token", "", "").await, 405, "Not Allowed");
    });
}

/// An API whose clients bring a token of their own, beside pages.
#[test]
fn a_group_as_a_whole_may_be_exempt() {
    let app = app().nest("/api", |api| {
        api.post("/before", say("before"))
            .xsrf_exempt_group()
            .route("/page", Page)
            .nest("/inner", |inner| inner.post("", say("inner")))
    });
    with_server(app, async |client| {
        let from_elsewhere = "Sec-Fetch-Site: cross-site\r\n";
        for (path, body) in [
            ("/api/before", "before"),
            ("/api/page", "class"),
            ("/api/inner", "inner"),
        ] {
            assert_answer(&client.form(path, from_elsewhere, "").await, 200, body);
        }
        assert_answer(&client.form("/page", "", "").await, 403, "argument missing");
    });
}

#[test]
fn exempting_a_group_outside_of_one_is_a_mistake() {
    let exempt_all = || Application::<()>::new(()).xsrf_exempt_group();
    let panic = std::panic::catch_unwind(exempt_all).unwrap_err();
    let message = panic.downcast_ref::<&str>().copied().unwrap_or_default();
    assert!(message.contains("nest"), "{message}");
}

#[test]
fn a_body_that_is_streamed_is_not_looked_into() {
    with_server(app(), async |client| {
        let (token, cookie) = visit(client).await;
        let multipart = "Content-Type: multipart/form-data; boundary=b\r\n";
        let fields = format!("{cookie}{multipart}X-Xsrftoken: {token}\r\n");
        let response = client.post_with("/stream", &fields, "--b").await;
        assert_answer(&response, 200, "drained");
        let fields = format!("{cookie}{multipart}");
        let response = client.post_with("/stream", &fields, "--b").await;
        assert_answer(&response, 403, "argument missing");
    });
}

#[test]
fn what_browsers_say_of_the_origin_is_checked_beside_the_token() {
    let config = XsrfConfig::default().trusted_origin("https://friend.example");
    with_server(app_with(config), async |client| {
        let (token, cookie) = visit(client).await;
        let body = format!("_xsrf={token}");
        for (fields, status) in [
            ("", 200),
            ("Origin: http://test\r\n", 200),
            ("Origin: http://TEST:80\r\n", 200),
            ("Origin: http://test:81\r\n", 403),
            ("Origin: http://evil.example\r\n", 403),
            ("Origin: http://test.evil.example\r\n", 403),
            ("Origin: null\r\n", 403),
            ("Origin: \r\n", 403),
            ("Origin: http://test\r\nOrigin: http://evil\r\n", 403),
            ("Origin: https://friend.example\r\n", 200),
            ("Origin: https://friend.example.evil\r\n", 403),
            (
                "Sec-Fetch-Site: same-origin\r\nOrigin: http://proxied\r\n",
                200,
            ),
            ("Sec-Fetch-Site: none\r\n", 200),
            ("Sec-Fetch-Site: same-site\r\n", 403),
            ("Sec-Fetch-Site: cross-site\r\nOrigin: http://test\r\n", 403),
            (
                "Sec-Fetch-Site: cross-site\r\nOrigin: https://friend.example\r\n",
                200,
            ),
            ("Sec-Fetch-Site: nonsense\r\n", 403),
        ] {
            let fields = format!("{cookie}{fields}");
            let response = client.form("/", &fields, &body).await;
            assert_eq!(response.status(), status, "{fields}");
        }
        let trusted = format!("{cookie}Origin: https://friend.example\r\n");
        assert_answer(
            &client.form("/", &trusted, "").await,
            403,
            "argument missing",
        );
    });
    with_server(
        app_with(XsrfConfig::default().check_origin(false)),
        async |client| {
            let (token, cookie) = visit(client).await;
            let fields = format!("{cookie}Sec-Fetch-Site: cross-site\r\n");
            let response = client.form("/", &fields, &format!("_xsrf={token}")).await;
            assert_answer(&response, 200, "posted");
        },
    );
}
