use std::cell::RefCell;

use waterspout::{Application, Context, Error, HttpError, Next, Result};

use super::support::{say, with_server};

async fn mark(cx: &mut Context, next: Next<'_, ()>) -> Result {
    cx.add_header("X-Mark", "app")?;
    next.run(cx).await
}

fn grouped() -> Application {
    Application::new(())
        .get("/", say("root"))
        .nest("/api", |api| {
            api.get("", say("all"))
                .get("/{id}", async |cx: &mut Context| cx.path::<String>("id"))
                .get_regex("/n/([0-9]+)", async |cx: &mut Context| {
                    cx.path::<String>("0")
                })
                .nest("/deep", |deep| {
                    deep.get("/x", say("x"))
                        .wrap(async |cx: &mut Context, next: Next<'_>| {
                            cx.add_header("X-Mark", "deep")?;
                            next.run(cx).await
                        })
                })
                .wrap(async |cx: &mut Context, next: Next<'_>| {
                    cx.add_header("X-Mark", "api")?;
                    next.run(cx).await
                })
                .write_error(async |cx: &mut Context, error: &Error| {
                    cx.write(format!("api {}", error.status().as_u16()))
                })
        })
        .wrap(mark)
}

#[test]
fn groups_have_a_prefix_and_middleware_of_their_own() {
    with_server(grouped(), async |client| {
        assert_eq!(client.get("/").await.fields("x-mark"), ["app"]);
        assert_eq!(client.get("/api").await.body(), "all");
        assert_eq!(client.get("/api/n/5").await.body(), "5");
        let response = client.get("/api/7").await;
        assert_eq!(response.body(), "7");
        assert_eq!(response.fields("x-mark"), ["app", "api"]);
        let response = client.get("/api/deep/x").await;
        assert_eq!(response.fields("x-mark"), ["app", "api", "deep"]);
    });
}

#[test]
fn errors_belong_to_the_innermost_group_that_writes_them() {
    with_server(grouped(), async |client| {
        assert_eq!(client.get("/api/deep/y").await.body(), "api 404");
        assert_eq!(client.request("PUT", "/api", "").await.body(), "api 405");
        assert!(client.get("/apis").await.body().contains("404: Not Found"));
    });
}

#[test]
fn fallbacks_belong_to_their_group_or_host() {
    let app = Application::new(())
        .nest("/a", |group| group.fallback(say("a")))
        .host("*.example.com", |host| {
            host.get("/here", say("here")).fallback(say("host"))
        })
        .get("/everywhere", say("everywhere"))
        .fallback(say("app"));
    with_server(app, async |client| {
        assert_eq!(client.get("/a/x/y").await.body(), "a");
        assert_eq!(client.get("/ab").await.body(), "app");
        assert_eq!(
            client.get("http://www.example.com/here").await.body(),
            "here"
        );
        assert_eq!(
            client.get("http://www.example.com/everywhere").await.body(),
            "host"
        );
        assert_eq!(client.get("/everywhere").await.body(), "everywhere");
    });
}

#[test]
fn hosts_are_told_apart_without_port_and_case() {
    let app = Application::new(())
        .host("api.example.com", |host| host.get("/", say("api")))
        .host("*.example.com", |host| host.get("/", say("wild")))
        .get("/", say("default"))
        .get("/all", say("all"));
    with_server(app, async |client| {
        for (host, body) in [
            ("api.example.com", "api"),
            ("API.Example.Com:8080", "api"),
            ("www.example.com", "wild"),
            ("example.com", "default"),
            ("evilexample.com", "default"),
        ] {
            let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
            let answer = client.exchange(request).await;
            assert!(
                answer.ends_with(&format!("\r\n\r\n{body}")),
                "{host}: {answer}"
            );
        }
        assert_eq!(client.get("http://api.example.com/all").await.body(), "all");
    });
}

#[test]
fn middleware_stands_around_the_handler_in_order() {
    let app = Application::new(RefCell::new(Vec::new()))
        .get("/", async |cx: &mut Context<RefCell<Vec<&str>>>| {
            cx.app().borrow_mut().push("handler");
        })
        .wrap(
            async |cx: &mut Context<RefCell<Vec<&str>>>, next: Next<'_, _>| {
                cx.app().borrow_mut().push("outer in");
                next.run(cx).await?;
                cx.app().borrow_mut().push("outer out");
                let steps = cx.app().borrow().join(", ");
                cx.write(steps)
            },
        )
        .wrap(
            async |cx: &mut Context<RefCell<Vec<&str>>>, next: Next<'_, _>| {
                cx.app().borrow_mut().push("inner in");
                next.run(cx).await?;
                cx.app().borrow_mut().push("inner out");
                Ok(())
            },
        );
    with_server(app, async |client| {
        let steps = "outer in, inner in, handler, inner out, outer out";
        assert_eq!(client.get("/").await.body(), steps);
    });
}

#[test]
fn middleware_may_answer_in_place_of_the_handler_or_replace_its_error() {
    let app = Application::new(())
        .get("/", say("handler"))
        .get("/error", async |_: &mut Context| {
            Err::<(), _>(HttpError::CONFLICT)
        })
        .wrap(async |cx: &mut Context, next: Next<'_>| {
            if cx.header("X-Stop").is_some() {
                return Err(HttpError::FORBIDDEN.into());
            }
            match next.run(cx).await {
                Err(error) if error.status() == 409 => cx.write("was a conflict"),
                other => other,
            }
        });
    with_server(app, async |client| {
        assert_eq!(
            client.request("GET", "/", "X-Stop: 1\r\n").await.status(),
            403
        );
        assert_eq!(client.get("/error").await.body(), "was a conflict");
    });
}
