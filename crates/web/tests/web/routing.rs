use waterspout::{Application, Context, ErrorHandler, HttpError, Method, Result};

use super::support::{say, with_server};

fn app() -> Application {
    Application::new(())
        .get("/", say("index"))
        .post("/", say("posted"))
        .get("/user/{id}", async |cx: &mut Context| {
            cx.path::<u64>("id").map(|id| id.to_string())
        })
        .get("/files/{*rest}", async |cx: &mut Context| {
            cx.path::<String>("rest")
        })
        .get_regex("/old/([0-9]+)(?:/(.+))?", old)
        .any("/any", async |cx: &mut Context| cx.method().to_string())
        .on(
            Method::from_bytes(b"PURGE").unwrap(),
            "/cache",
            say("purged"),
        )
        .route("/gone", ErrorHandler::new(HttpError::GONE))
}

async fn old(cx: &mut Context) -> Result<String> {
    let (id, rest): (u32, Option<String>) = (cx.path("0")?, cx.path_optional("1")?);
    Ok(format!("{id} {rest:?}"))
}

#[test]
fn paths_find_their_handlers_and_captures_are_decoded() {
    with_server(app(), async |client| {
        assert_eq!(client.get("/").await.body(), "index");
        assert_eq!(client.get("/?a=1").await.body(), "index");
        assert_eq!(client.get("/user/42").await.body(), "42");
        assert_eq!(client.get("/files/a%2Fb/%C3%A9+c").await.body(), "a/b/é+c");
        assert_eq!(client.get("/old/7").await.body(), "7 None");
        assert_eq!(client.get("/old/7/%3F").await.body(), "7 Some(\"?\")");
        assert_eq!(client.get("http://test/user/1?x").await.body(), "1");
    });
}

#[test]
fn unknown_paths_are_tornados_404_page() {
    with_server(app(), async |client| {
        let response = client.get("/nowhere").await;
        assert_eq!(response.status(), 404);
        assert_eq!(response.field("content-type"), "text/html; charset=UTF-8");
        let page = "<html><title>404: Not Found</title><body>404: Not Found</body></html>";
        assert_eq!(response.body(), page);
        assert_eq!(client.get("/user/").await.status(), 404);
        assert_eq!(client.get("/old/x").await.status(), 404);
    });
}

#[test]
fn methods_without_a_handler_are_405_with_allow() {
    with_server(app(), async |client| {
        let response = client.request("DELETE", "/", "").await;
        assert_eq!(response.status(), 405);
        assert_eq!(response.field("allow"), "GET, HEAD, POST, OPTIONS");
        let response = client.request("POST", "/old/7", "").await;
        assert_eq!(response.status(), 405);
        assert_eq!(response.field("allow"), "GET, HEAD, OPTIONS");
    });
}

#[test]
fn head_is_answered_by_the_get_handler_without_a_body() {
    with_server(app(), async |client| {
        let response = client.request("HEAD", "/", "").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.field("content-length"), "5");
        assert_eq!(response.body(), "");
        assert_eq!(client.request("HEAD", "/cache", "").await.status(), 405);
    });
}

#[test]
fn options_names_the_methods_of_a_path_or_of_the_server() {
    with_server(app(), async |client| {
        let response = client.request("OPTIONS", "/", "").await;
        assert_eq!(response.status(), 204);
        assert_eq!(response.field("allow"), "GET, HEAD, POST, OPTIONS");
        let response = client.request("OPTIONS", "*", "").await;
        assert_eq!(response.status(), 204);
        let all = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, PURGE";
        assert_eq!(response.field("allow"), all);
        assert_eq!(
            client.request("OPTIONS", "/nowhere", "").await.status(),
            404
        );
    });
}

/// RFC 9110 §9.1: 501 for a method the server does not know, 405 for one the path does not have.
#[test]
fn methods_that_no_route_has_are_501() {
    with_server(app(), async |client| {
        assert_eq!(client.request("BREW", "/", "").await.status(), 501);
        assert_eq!(client.request("get", "/", "").await.status(), 501);
        assert_eq!(client.request("TRACE", "/", "").await.status(), 405);
        assert_eq!(client.request("PURGE", "/", "").await.status(), 405);
        assert_eq!(client.request("PURGE", "/cache", "").await.body(), "purged");
    });
}

#[test]
fn any_takes_every_method() {
    with_server(app(), async |client| {
        for method in ["GET", "DELETE", "OPTIONS", "BREW"] {
            assert_eq!(client.request(method, "/any", "").await.body(), method);
        }
    });
}

#[test]
fn error_handler_fails_for_every_method() {
    with_server(app(), async |client| {
        for method in ["GET", "POST", "PUT", "DELETE", "PATCH"] {
            assert_eq!(client.request(method, "/gone", "").await.status(), 410);
        }
    });
}

#[test]
fn fallback_answers_in_place_of_the_404() {
    let app = app().fallback(async |cx: &mut Context| format!("no {}", cx.request().path()));
    with_server(app, async |client| {
        assert_eq!(client.get("/nowhere?x").await.body(), "no /nowhere");
        assert_eq!(client.request("DELETE", "/", "").await.status(), 405);
    });
}

type Build = fn() -> Application;

#[test]
fn patterns_that_cannot_be_are_explained_where_they_are_registered() {
    let problems: [(&str, Build); 8] = [
        ("route_regex", || {
            Application::new(()).get("/story/([0-9]+)", say(""))
        }),
        ("route_regex", || {
            Application::new(()).get(r"^/files/(?P<path>.*)$", say(""))
        }),
        ("begins with a slash", || {
            Application::new(()).get("x", say(""))
        }),
        ("not closed", || Application::new(()).get("/{x", say(""))),
        ("twice", || Application::new(()).get("/{x}/{x}", say(""))),
        ("regex parse error", || {
            Application::new(()).get_regex("/(", say(""))
        }),
        ("no port", || Application::new(()).host("a:80", |host| host)),
        ("ends with one", || {
            Application::new(()).nest("/a/", |group| group)
        }),
    ];
    for (words, build) in problems {
        let panic = std::panic::catch_unwind(build).unwrap_err();
        let text = panic.downcast_ref::<String>().unwrap();
        let text = text.replace("does not end with one", "ends with one");
        assert!(text.contains(words), "{text}");
    }
}
