use waterspout::{Application, Context, RedirectHandler, StatusCode};

use super::support::with_server;

fn app() -> Application {
    Application::new(())
        .get("/to", async |cx: &mut Context| {
            let url = cx.argument("url")?;
            cx.redirect(&url)
        })
        .get("/permanent", async |cx: &mut Context| {
            cx.redirect_permanent("/é?x=1")
        })
        .get("/307", async |cx: &mut Context| {
            cx.redirect_with("/", StatusCode::TEMPORARY_REDIRECT)
        })
        .get("/200", async |cx: &mut Context| {
            cx.redirect_with("/", StatusCode::OK)
        })
        .route("/pictures/{*rest}", RedirectHandler::new("/photos/{rest}"))
        .route(
            "/src",
            RedirectHandler::new("/dst?foo=bar").permanent(false),
        )
        .route("/docs/{page}", RedirectHandler::new("/docs/{page}/"))
        .route_regex("/g/(.*?)/(.*?)/(.*)", RedirectHandler::new("/{1}/{0}/{2}"))
        .route_regex("/open(.*)", RedirectHandler::new("{0}"))
}

#[test]
fn redirects_have_status_location_and_an_empty_body() {
    with_server(app(), async |client| {
        for (path, status, location) in [
            ("/to?url=/next", 302, "/next"),
            ("/to?url=https://example.com/", 302, "https://example.com/"),
            ("/permanent", 301, "/%C3%A9?x=1"),
            ("/307", 307, "/"),
            ("/pictures/a%20b/c", 301, "/photos/a%20b/c"),
            ("/docs/a%20b?x=1", 301, "/docs/a%20b/?x=1"),
            // What was one segment stays one.
            ("/docs/a%2Fb", 301, "/docs/a%2Fb/"),
            ("/src?foo2=bar2", 302, "/dst?foo=bar&foo2=bar2"),
            ("/g/a/b/c", 301, "/b/a/c"),
            ("/open/x", 301, "/x"),
        ] {
            let response = client.get(path).await;
            assert_eq!(response.status(), status, "{path}");
            assert_eq!(response.field("location"), location, "{path}");
            assert_eq!(response.body(), "");
        }
        assert_eq!(client.get("/200").await.status(), 500);
    });
}

/// CVE-2023-28370, Tornado 6.6.0 (`RedirectHandler`), Tornado 6.6.1 and the like: no `Location` may lead to a host that the path names.
#[test]
fn redirects_to_other_hosts_by_slashes_are_refused() {
    with_server(app(), async |client| {
        for path in [
            "/to?url=//evil.com",
            "/to?url=/%5Cevil.com",
            "/to?url=%5C%5Cevil.com",
            "/to?url=/%09/evil.com",
            "/to?url=",
            "/open//evil.com",
            "/openhttps://evil.com",
        ] {
            let response = client.get(path).await;
            assert_eq!(response.status(), 400, "{path}");
            assert_eq!(response.field("location"), "", "{path}");
        }
    });
}

#[test]
fn redirects_answer_head_and_refuse_other_methods() {
    with_server(app(), async |client| {
        assert_eq!(client.request("HEAD", "/src", "").await.status(), 302);
        let response = client.request("POST", "/src", "").await;
        assert_eq!(
            (response.status(), response.field("allow")),
            (405, "GET, HEAD, OPTIONS")
        );
    });
}
