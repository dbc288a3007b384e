use waterspout::{Application, Context, CookieOptions, Result, SameSite};

use super::support::{Text, with_server};

async fn set(cx: &mut Context) -> Result {
    cx.set_cookie("replaced", "old")?;
    cx.set_cookie("str", "asdf")?;
    cx.set_cookie("semicolon", "a;b")?;
    let options = CookieOptions::new()
        .domain("foo.com")
        .path("/foo")
        .same_site(SameSite::Lax);
    cx.set_cookie_with("replaced", "blah", &options)?;
    assert!(cx.set_cookie("bad name", "x").is_err());
    assert!(cx.set_cookie("n", "\u{100}").is_err());
    cx.write("set")
}

async fn shown(cx: &mut Context) -> Text {
    Ok(format!("{:?} {:?}", cx.cookie("a"), cx.cookies()))
}

async fn flushed(cx: &mut Context) -> Result {
    cx.set_cookie("early", "1")?;
    cx.write("x")?;
    cx.flush().await?;
    assert!(cx.set_cookie("late", "1").is_err());
    Ok(())
}

fn app() -> Application {
    Application::new(())
        .get("/set", set)
        .get("/shown", shown)
        .get("/flushed", flushed)
        .get("/clear", async |cx: &mut Context| cx.clear_cookie("gone"))
        .get("/clear-all", async |cx: &mut Context| {
            cx.clear_all_cookies()
        })
}

#[test]
fn cookies_are_written_in_tornados_form_and_replace_each_other() {
    with_server(app(), async |client| {
        let response = client.get("/set").await;
        assert_eq!(
            response.fields("set-cookie"),
            [
                "replaced=blah; Domain=foo.com; Path=/foo; SameSite=Lax",
                "str=asdf; Path=/",
                "semicolon=\"a\\073b\"; Path=/",
            ]
        );
        let response = client.get("/flushed").await;
        assert_eq!(response.fields("set-cookie"), ["early=1; Path=/"]);
    });
}

#[test]
fn every_cookie_field_is_read_by_itself() {
    with_server(app(), async |client| {
        let fields = "Cookie: a=1; /=bad; b=\"x\\073y\"\r\nCookie: c=3; a=2\r\n";
        let response = client.request("GET", "/shown", fields).await;
        let shown = r#"Some("2") [("a", "2"), ("b", "x;y"), ("c", "3")]"#;
        assert_eq!(response.body(), shown);
    });
}

#[test]
fn cleared_cookies_expired_a_year_ago() {
    with_server(app(), async |client| {
        let response = client.get("/clear").await;
        let field = response.field("set-cookie");
        assert!(field.starts_with("gone=\"\"; expires=") && field.ends_with(" GMT; Path=/"));
        let fields = "Cookie: a=1; b=2; a=3\r\n";
        let response = client.request("GET", "/clear-all", fields).await;
        assert_eq!(response.fields("set-cookie").len(), 2);
    });
}
