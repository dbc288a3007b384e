//! The shapes of the handler API: what this file writes down must go on compiling.

use serde::{Deserialize, Serialize};
use waterspout::{
    Application, Bytes, Context, CookieOptions, Error, Html, HttpError, Json, Method, Next,
    RequestHandler, Result, StatusCode,
};

struct Site {
    name: String,
}

type Cx = Context<Site>;

#[derive(Serialize, Deserialize)]
struct Story {
    id: u64,
}

async fn hello(_cx: &mut Cx) -> &'static str {
    "hi"
}

async fn who(cx: &mut Cx) -> Result<()> {
    cx.write(&cx.app().name)?;
    Ok(())
}

async fn show(cx: &mut Cx) -> Result<Json<Story>> {
    let id: u64 = cx.path("id")?;
    let story = (id < 10).then_some(Story { id });
    Ok(Json(story.ok_or(HttpError::NOT_FOUND)?))
}

async fn parse(cx: &mut Cx) -> Result<String> {
    let number: u32 = cx.argument("n")?.parse()?;
    Ok(number.to_string())
}

async fn timing(cx: &mut Cx, next: Next<'_, Site>) -> Result {
    cx.set_header("X-Before", "1")?;
    next.run(cx).await?;
    cx.set_header("X-After", "1")
}

async fn error_page(cx: &mut Cx, error: &Error) -> Result {
    cx.write(error.to_string())
}

#[derive(Clone)]
struct Login {
    next: String,
}

impl RequestHandler<Site> for Login {
    async fn prepare(&mut self, cx: &mut Cx) -> Result<()> {
        self.next = cx.argument_or("next", "/")?;
        Ok(())
    }

    async fn get(&mut self, cx: &mut Cx) -> Result {
        cx.write(&self.next)
    }

    async fn post(&mut self, cx: &mut Cx) -> Result<()> {
        let name = cx.body_argument("name")?;
        let options = CookieOptions::new().http_only(true);
        cx.set_cookie_with("user", &name, &options)?;
        cx.redirect(&self.next)
    }
}

/// A handler for applications of any state.
#[derive(Clone)]
struct Everywhere;

impl<S: 'static> RequestHandler<S> for Everywhere {
    async fn get(&mut self, cx: &mut Context<S>) -> Result {
        let url = cx.reverse_url("story", [1])?;
        cx.redirect(&url)
    }

    async fn on_finish(&mut self, _cx: &mut Context<S>) {}

    async fn on_connection_close(&mut self, _cx: &mut Context<S>) {}
}

#[test]
fn functions_closures_and_classes_register_without_annotations() {
    let greeting = String::from("captured");
    let app = Application::new(Site {
        name: "site".into(),
    })
    .get("/", hello)
    .get("/who", who)
    .get("/story/{id}", show)
    .name("story")
    .get("/parse", parse)
    .get("/closure", async |cx: &mut Cx| cx.write("c"))
    .get("/captured", async move |_: &mut Cx| greeting.clone())
    .post("/echo", async |cx: &mut Cx| cx.body())
    .put("/upload", async |cx: &mut Cx| {
        let mut size = 0;
        while let Some(chunk) = cx.chunk().await? {
            size += chunk.len();
        }
        Ok::<_, Error>(size.to_string())
    })
    .stream_body()
    .max_body_size(1 << 30)
    .any("/any", async |_: &mut Cx| Html("<p>"))
    .on(Method::TRACE, "/", async |_: &mut Cx| {
        StatusCode::NOT_IMPLEMENTED
    })
    .get("/tuple", async |_: &mut Cx| {
        (StatusCode::CREATED, Bytes::new())
    })
    .get("/option", async |_: &mut Cx| None::<String>)
    .get_regex("/old/([0-9]+)", async |cx: &mut Cx| cx.path::<String>("0"))
    .route(
        "/login",
        Login {
            next: String::new(),
        },
    )
    .route_regex("/every(where)?", Everywhere)
    .nest("/group", |group| {
        group
            .get("", hello)
            .wrap(async |cx: &mut Cx, next: Next<'_, Site>| next.run(cx).await)
    })
    .host("*.example.com", |host| host.get("/", who).fallback(hello))
    .fallback(async |_: &mut Cx| HttpError::NOT_FOUND.status())
    .wrap(timing)
    .write_error(error_page)
    .log_function(|cx, elapsed| assert!(cx.status().as_u16() >= 200 && elapsed.as_nanos() > 0));
    let service = app.into_service();
    assert!(format!("{service:?}").contains("ApplicationService"));
}

#[test]
fn state_is_the_unit_unless_it_is_named() {
    let app = Application::new(()).get("/", async |_: &mut Context| "hello");
    let app = app.wrap(async |cx: &mut Context, next: Next<'_>| next.run(cx).await);
    drop(app.into_service());
}

#[test]
#[should_panic(expected = "route \"/a/{y}\": it conflicts with the route \"/a/{x}\"")]
fn conflicting_patterns_panic_where_they_are_registered() {
    let app = Application::new(()).get("/a/{x}", async |_: &mut Context| ());
    drop(app.post("/a/{y}", async |_: &mut Context| ()));
}

#[test]
#[should_panic(expected = "route \"/a\": it has a handler for GET already")]
fn doubled_methods_panic_where_they_are_registered() {
    let app = Application::new(()).get("/a", async |_: &mut Context| ());
    drop(app.get("/a", async |_: &mut Context| ()));
}

#[test]
#[should_panic(expected = "name() is about the route before it, and there is none")]
fn options_without_a_route_panic() {
    drop(Application::new(()).name("nothing"));
}
