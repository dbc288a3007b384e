use serde::{Deserialize, Serialize};
use waterspout::{Application, Context, Json};

use super::support::{Text, say, with_server};

const FORM: &str = "application/x-www-form-urlencoded";

#[derive(Serialize, Deserialize)]
struct Page {
    page: u32,
    size: Option<u32>,
}

async fn shown(cx: &mut Context) -> Text {
    let name = cx.argument("name")?;
    let all = cx.arguments("name")?;
    let query = cx.query_arguments("name")?;
    let body = cx.body_arguments("name")?;
    Ok(format!("{name} {all:?} {query:?} {body:?}"))
}

async fn links(cx: &mut Context) -> Text {
    Ok([
        cx.reverse_url("home", ())?,
        cx.reverse_url("user", [7])?,
        cx.reverse_url("user", ["1 + 1/é"])?,
        cx.reverse_url("file", ("a b", "c/d"))?,
        cx.reverse_url("regex", vec!["x/y"])?,
    ]
    .join(" "))
}

fn app() -> Application {
    Application::new(())
        .any("/args", shown)
        .any("/body", async |cx: &mut Context| cx.body_argument("name"))
        .get("/or", async |cx: &mut Context| {
            cx.argument_or("name", "nobody")
        })
        .get("/page", async |cx: &mut Context| {
            cx.query::<Page>().map(Json)
        })
        .post("/json", async |cx: &mut Context| {
            cx.json::<Page>().map(Json)
        })
        .get("/number/{n}", async |cx: &mut Context| -> Text {
            Ok(cx.path::<i8>("n")?.to_string())
        })
        .get("/unknown/{n}", async |cx: &mut Context| {
            cx.path::<String>("m")
        })
        .get("/home", links)
        .name("home")
        .get("/user/{id}", async |cx: &mut Context| {
            cx.path::<String>("id")
        })
        .name("user")
        .get("/files/{dir}/{*rest}", say(""))
        .name("file")
        .get_regex(r"/re/x\.y/(.*)", say(""))
        .name("regex")
        .get("/missing", async |cx: &mut Context| {
            cx.reverse_url("nothing", ())
        })
        .get("/too-few", async |cx: &mut Context| {
            cx.reverse_url("user", ())
        })
        .get("/pairs", async |cx: &mut Context| {
            cx.query_pairs().map(|pairs| pairs.len().to_string())
        })
}

#[test]
fn arguments_of_the_form_win_over_those_of_the_query() {
    with_server(app(), async |client| {
        let response = client
            .post("/args?name=q&name=q2", FORM, "name=+b%00c+")
            .await;
        assert_eq!(
            response.body(),
            r#"b c ["q", "q2", "b c"] ["q", "q2"] ["b c"]"#
        );
        let response = client.post("/args?name=q", "text/plain", "name=b").await;
        assert_eq!(response.body(), r#"q ["q"] ["q"] []"#);
        assert_eq!(client.get("/or").await.body(), "nobody");
    });
}

#[test]
fn bad_arguments_are_a_400_that_says_which() {
    with_server(app(), async |client| {
        for (path, words) in [
            ("/args", "Missing argument name"),
            ("/body?name=x", "Missing argument name"),
            ("/args?name=%ff", "Invalid unicode in name"),
            (
                "/page?page=x",
                "Invalid argument page: &quot;x&quot; is no u32",
            ),
            ("/page", "Missing argument page"),
            ("/number/300", "Invalid path parameter n: number too large"),
            ("/number/%ff", "Invalid unicode in path parameter n"),
        ] {
            let response = client.get(path).await;
            assert_eq!(response.status(), 400, "{path}");
            assert!(
                response.body().contains(words),
                "{path}: {}",
                response.body()
            );
        }
        let many = "a=1&".repeat(1001);
        let response = client.post("/args?name=a", FORM, &many).await;
        assert!(response.body().contains("more than 1000 arguments"));
        assert_eq!(
            client.get(&format!("/pairs?{}", &many[4..])).await.body(),
            "1000"
        );
        assert_eq!(client.get(&format!("/pairs?{many}")).await.status(), 400);
    });
}

#[test]
fn json_bodies_are_typed_and_their_errors_name_the_line() {
    with_server(app(), async |client| {
        let json = "application/json; charset=utf-8";
        let response = client.post("/json", json, r#"{"page":2}"#).await;
        assert_eq!(response.body(), r#"{"page":2,"size":null}"#);
        let response = client
            .post("/json", "application/a+json", "{\n\"page\": \"x\"}")
            .await;
        assert_eq!(response.status(), 400);
        assert!(response.body().contains("at line 2"), "{}", response.body());
        assert_eq!(client.post("/json", "text/plain", "{}").await.status(), 415);
        assert_eq!(client.post("/json", json, "").await.status(), 400);
        assert_eq!(
            client.get("/page?page=1&size=2").await.body(),
            r#"{"page":1,"size":2}"#
        );
    });
}

#[test]
fn named_routes_are_reversed_into_urls_that_lead_back() {
    with_server(app(), async |client| {
        let urls = "/home /user/7 /user/1%20%2B%201%2F%C3%A9 /files/a%20b/c/d /re/x.y/x/y";
        assert_eq!(client.get("/home").await.body(), urls);
        let url = "/user/1%20%2B%201%2F%C3%A9";
        assert_eq!(client.get(url).await.body(), "1 + 1/é");
    });
}

#[test]
fn mistakes_of_the_program_are_a_bare_500() {
    with_server(app(), async |client| {
        for path in ["/missing", "/too-few", "/unknown/1"] {
            let response = client.get(path).await;
            assert_eq!(response.status(), 500, "{path}");
            assert!(
                response
                    .body()
                    .ends_with("<body>500: Internal Server Error</body></html>")
            );
        }
    });
}
