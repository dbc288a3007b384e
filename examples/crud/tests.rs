use waterspout::http::client::HttpRequest;
use waterspout::net::IoLoop;
use waterspout::testing::{TestResponse, TestServer, serve};

use super::*;

fn with_store(test: impl AsyncFnOnce(TestServer)) {
    IoLoop::new().unwrap().run_sync(async {
        test(serve(app(Store::open(None).unwrap()))).await;
    });
}

fn ann() -> serde_json::Value {
    serde_json::json!({"name": "Ann", "signup_date": "2026-11-21"})
}

async fn fetch(server: &TestServer, request: HttpRequest) -> TestResponse {
    let request = request.raise_error(false).follow_redirects(false);
    server.fetch(request).await
}

async fn refused(server: &TestServer, body: serde_json::Value, words: &str) {
    let request = HttpRequest::post(server.url("/users")).json(&body);
    let response = fetch(server, request).await;
    assert_eq!(response.code(), 400, "{body}");
    assert!(response.text().contains(words), "{}", response.text());
}

#[test]
fn rows_are_created_read_updated_and_deleted() {
    with_store(async |server| {
        let created = fetch(
            &server,
            HttpRequest::post(server.url("/users")).json(&ann()),
        )
        .await;
        assert_eq!(created.code(), 201);
        let place = created.headers().get("Location").unwrap().to_owned();
        let user: User = created.json().unwrap();
        assert_eq!(server.get(&place).await.json::<User>().unwrap(), user);

        let bob = serde_json::json!({"name": "Bob", "signup_date": "2024-02-29"});
        let updated = fetch(&server, HttpRequest::put(server.url(&place)).json(&bob)).await;
        assert_eq!(updated.json::<User>().unwrap().name, "Bob");
        let all: Vec<User> = server.get("/users").await.json().unwrap();
        assert_eq!((all.len(), &*all[0].signup_date), (1, "2024-02-29"));

        let delete = || HttpRequest::delete(server.url(&place));
        assert_eq!(fetch(&server, delete()).await.code(), 204);
        assert_eq!(fetch(&server, delete()).await.code(), 404);
        let update = HttpRequest::put(server.url(&place)).json(&bob);
        assert_eq!(fetch(&server, update).await.code(), 404);
        assert_eq!(
            fetch(&server, HttpRequest::get(server.url(&place)))
                .await
                .code(),
            404
        );
    });
}

#[test]
fn the_page_has_a_form_that_adds_a_row() {
    with_store(async |server| {
        assert!(server.get("/").await.text().contains("Nobody yet."));
        let form = [("name", "<Ann>"), ("signup_date", "2026-11-21")];
        let response = fetch(&server, HttpRequest::post(server.url("/")).form(form)).await;
        assert_eq!(response.code(), 303);
        assert!(server.get("/").await.text().contains("&lt;Ann&gt;</a>"));
    });
}

#[test]
fn wrong_rows_are_refused_with_the_name_of_the_field() {
    with_store(async |server| {
        let with = |field: &str, value: serde_json::Value| {
            let mut row = ann();
            row[field] = value;
            row
        };
        refused(&server, with("name", "".into()), "name must have").await;
        refused(
            &server,
            with("name", "x".repeat(21).into()),
            "name must have",
        )
        .await;
        refused(&server, with("name", 7.into()), "name: invalid type").await;
        refused(&server, with("other", 7.into()), "unknown field").await;
        for date in [
            "2026-02-29",
            "2026-13-01",
            "26-1-1",
            "2026-00-10",
            "2026-11-+1",
            "é026-11-1",
        ] {
            refused(
                &server,
                with("signup_date", date.into()),
                "signup_date must",
            )
            .await;
        }
        let injection = "x'); DROP TABLE--";
        let request = HttpRequest::post(server.url("/users")).json(&with("name", injection.into()));
        assert_eq!(fetch(&server, request).await.code(), 201);
        let all: Vec<User> = server.get("/users").await.json().unwrap();
        assert_eq!(all[0].name, injection);
        let response = fetch(&server, HttpRequest::get(server.url("/users/x"))).await;
        assert_eq!(response.code(), 400);
    });
}

#[test]
fn rows_outlive_the_program() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("users.db");
    for number in 1..=2 {
        IoLoop::new().unwrap().run_sync(async {
            let server = serve(app(Store::open(Some(&path)).unwrap()));
            fetch(
                &server,
                HttpRequest::post(server.url("/users")).json(&ann()),
            )
            .await;
            let all: Vec<User> = server.get("/users").await.json().unwrap();
            assert_eq!(all.len(), number);
        });
    }
    std::fs::write(&path, "this is no database, as its first octets say").unwrap();
    assert!(Store::open(Some(&path)).is_err());
}
