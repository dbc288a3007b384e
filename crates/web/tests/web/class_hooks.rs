//! What a class handler decides for itself in place of its application: Tornado's overridable methods.

use std::cell::RefCell;

use waterspout::auth::CurrentUser;
use waterspout::locale::Locales;
use waterspout::same_secret;
use waterspout::{Application, Context, Error, HttpError, RequestHandler, Result, XsrfConfig};

use super::support::with_server;

type Lines = RefCell<Vec<String>>;
type Cx = Context<Lines>;

#[derive(Debug, PartialEq)]
struct User(String);

/// Finds its users by a cookie of its own.
#[derive(Clone)]
struct Staff {
    cookie: &'static str,
}

impl RequestHandler<Lines> for Staff {
    async fn current_user(&self, cx: &mut Cx) -> Result<CurrentUser> {
        cx.app().borrow_mut().push("staff".to_owned());
        tokio::task::yield_now().await;
        Ok(cx.cookie(self.cookie).map(User).into())
    }

    fn login_url(&self, cx: &Cx) -> Option<String> {
        cx.header("X-Default")
            .is_none()
            .then(|| "/staff/login".to_owned())
    }

    async fn prepare(&mut self, cx: &mut Cx) -> Result {
        self.cookie = "another, of this request";
        cx.require_user::<User>().await.map(drop)
    }

    async fn get(&mut self, cx: &mut Cx) -> Result {
        let user = cx.require_user::<User>().await?;
        cx.write(user.0.clone())
    }
}

/// Takes what the application has.
#[derive(Clone)]
struct Plain;

impl RequestHandler<Lines> for Plain {
    async fn get(&mut self, cx: &mut Cx) -> Result {
        let user = cx.require_user::<User>().await?;
        cx.write(user.0.clone())
    }
}

async fn of_the_application(cx: &mut Cx) -> Result<Option<User>> {
    cx.app().borrow_mut().push("application".to_owned());
    Ok(cx.cookie("user").map(User))
}

fn app() -> Application<Lines> {
    Application::new(Lines::default())
        .current_user(of_the_application)
        .login_url("/login")
        .route("/staff", Staff { cookie: "staff" })
        .route("/plain", Plain)
        .get("/calls", async |cx: &mut Cx| cx.app().take().join(" "))
}

#[test]
fn a_class_finds_its_own_user_once_for_each_request() {
    with_server(app(), async |client| {
        let cookies = "Cookie: staff=ada; user=bob\r\n";
        let response = client.request("GET", "/staff", cookies).await;
        assert_eq!(response.body(), "ada");
        let response = client.request("GET", "/plain", cookies).await;
        assert_eq!(response.body(), "bob");
        assert_eq!(client.get("/calls").await.body(), "staff application");
    });
}

#[test]
fn a_class_sends_strangers_to_its_own_login_page() {
    with_server(app(), async |client| {
        let cookies = "Cookie: user=bob\r\n";
        let response = client.request("GET", "/staff", cookies).await;
        let location = response.field("location");
        assert_eq!(
            (response.status(), location),
            (302, "/staff/login?next=%2Fstaff")
        );
        let fields = "X-Default: 1\r\n";
        let response = client.request("GET", "/staff", fields).await;
        assert_eq!(response.field("location"), "/login?next=%2Fstaff");
        let response = client.get("/plain").await;
        assert_eq!(response.field("location"), "/login?next=%2Fplain");
    });
}

/// A class without any application's function to fall back on.
#[derive(Clone)]
struct Alone;

impl RequestHandler for Alone {
    async fn current_user(&self, cx: &mut Context) -> Result<CurrentUser> {
        match cx.header("X-As") {
            Some("nobody") => Ok(CurrentUser::nobody()),
            Some("circle") => {
                cx.current_user::<u32>().await?;
                Ok(CurrentUser::nobody())
            }
            Some(number) => Ok(CurrentUser::new(number.parse::<u32>()?)),
            None => Err(HttpError::UNAUTHORIZED.into()),
        }
    }

    async fn get(&mut self, cx: &mut Context) -> Result {
        let user = cx.current_user::<u32>().await?;
        cx.write(format!("{user:?}"))
    }

    fn user_locale(&self, cx: &mut Context) -> Option<String> {
        cx.cookie("language")
    }

    async fn post(&mut self, cx: &mut Context) -> Result {
        let locale = cx.locale();
        cx.write(locale.code())
    }
}

#[test]
fn a_class_needs_no_function_of_the_application() {
    let app = Application::new(()).route("/", Alone);
    with_server(app, async |client| {
        for (fields, status, body) in [
            ("X-As: 7\r\n", 200, "Some(7)"),
            ("X-As: nobody\r\n", 200, "None"),
            ("X-As: x\r\n", 500, ""),
            ("X-As: circle\r\n", 500, ""),
            ("", 401, ""),
        ] {
            let response = client.request("GET", "/", fields).await;
            assert_eq!(response.status(), status, "{fields}");
            assert!(response.body().contains(body), "{response:?}");
        }
    });
}

#[test]
fn the_language_a_class_chooses_comes_before_that_of_the_application() {
    let mut locales = Locales::new();
    for code in ["de", "es", "fr"] {
        locales = locales.with_csv(code, "\"a\",\"b\"\n").unwrap();
    }
    let app = Application::new(())
        .locales(locales)
        .user_locale(|_: &mut Context| Some("fr".to_owned()))
        .route("/", Alone);
    with_server(app, async |client| {
        let spanish = "Cookie: language=es\r\nAccept-Language: de\r\n";
        assert_eq!(client.request("POST", "/", spanish).await.body(), "es");
        let german = "Accept-Language: de\r\n";
        assert_eq!(client.request("POST", "/", german).await.body(), "fr");
        let unknown = "Cookie: language=xx\r\n";
        assert_eq!(client.request("POST", "/", unknown).await.body(), "fr");
    });
}

/// Takes calls of another server, which signs what it sends.
#[derive(Clone)]
struct Hook {
    signature: &'static str,
}

impl RequestHandler for Hook {
    fn check_xsrf_cookie(&self, cx: &mut Context) -> Result {
        match cx.header("X-Signature") {
            Some(signature) if same_secret(signature, self.signature) => Ok(()),
            Some(_) => Err(HttpError::forbidden("wrong signature").into()),
            None => cx.check_xsrf_cookie(),
        }
    }

    async fn get(&mut self, cx: &mut Context) -> Result {
        cx.write("got")
    }

    async fn post(&mut self, cx: &mut Context) -> Result {
        cx.write("hooked")
    }
}

#[test]
fn a_class_may_check_by_itself_where_requests_come_from() {
    let hook = Hook { signature: "ours" };
    let app = Application::new(())
        .xsrf_cookies(XsrfConfig::default())
        .route("/", hook);
    with_server(app, async |client| {
        let fields = "X-Signature: ours\r\n";
        assert_eq!(client.form("/", fields, "").await.body(), "hooked");
        let response = client.form("/", "X-Signature: forged\r\n", "").await;
        assert_eq!(response.status(), 403);
        assert!(response.body().contains("wrong signature"), "{response:?}");
        let response = client.form("/", "", "").await;
        assert!(response.body().contains("argument missing"), "{response:?}");
        assert_eq!(client.get("/").await.body(), "got");
    });
}

/// Reports its failures elsewhere.
#[derive(Clone)]
struct Reported;

impl RequestHandler<Lines> for Reported {
    async fn get(&mut self, _cx: &mut Cx) -> Result {
        Err("x".parse::<u8>().unwrap_err().into())
    }

    async fn post(&mut self, _cx: &mut Cx) -> Result {
        Err(HttpError::CONFLICT.into())
    }

    async fn put(&mut self, cx: &mut Cx) -> Result {
        cx.redirect("/elsewhere")
    }

    async fn log_exception(&self, cx: &mut Cx, error: &Error) {
        let line = format!("class {} {}", cx.uri(), error.status().as_u16());
        cx.app().borrow_mut().push(line);
        assert_ne!(error.status(), 409, "on purpose");
    }
}

#[test]
fn failures_are_logged_by_the_class_the_group_or_the_application() {
    let noted = async |cx: &mut Cx, error: &Error| {
        cx.log_exception(error);
        let line = format!("group {} {}", cx.uri(), error.status().as_u16());
        cx.app().borrow_mut().push(line);
    };
    let app = Application::new(Lines::default())
        .route("/class", Reported)
        .get("/calls", async |cx: &mut Cx| cx.app().take().join(", "))
        .nest("/group", |group| {
            group
                .log_exception(noted)
                .get("/x", async |_: &mut Cx| Err::<(), _>(HttpError::GONE))
                .route("/class", Reported)
        });
    with_server(app, async |client| {
        assert_eq!(client.get("/class").await.status(), 500);
        // The answer is the same where logging fails.
        assert_eq!(client.post("/class", "text/plain", "").await.status(), 409);
        // A redirect is no failure.
        let response = client.request("PUT", "/class", "").await;
        assert_eq!(response.status(), 302);
        assert_eq!(client.get("/group/x").await.status(), 410);
        assert_eq!(client.get("/group/nothing").await.status(), 404);
        assert_eq!(client.get("/group/class").await.status(), 500);
        assert_eq!(client.get("/nothing").await.status(), 404);
        assert_eq!(
            client.get("/calls").await.body(),
            "class /class 500, class /class 409, group /group/x 410, group /group/nothing 404, \
             class /group/class 500"
        );
    });
}

#[cfg(feature = "templates")]
mod templates {
    use waterspout::context;
    use waterspout::template::{Templates, Value};

    use super::*;

    #[derive(Clone)]
    struct Page {
        color: &'static str,
    }

    impl RequestHandler for Page {
        fn template_namespace(&self, cx: &mut Context) -> Value {
            context! { color => self.color, seen => cx.uri() }
        }

        async fn get(&mut self, cx: &mut Context) -> Result {
            cx.render("page.html", context! { title => "own" })
        }
    }

    #[test]
    fn values_of_the_class_stand_before_those_of_the_application() {
        let page = "{{ title }} {{ color }} {{ seen }} {{ size }}";
        let app = Application::new(())
            .templates(Templates::embedded([("page.html", page)]))
            .template_namespace(|_: &mut Context| {
                context! { title => "app", color => "grey", size => "big" }
            })
            .route("/blue", Page { color: "blue" });
        with_server(app, async |client| {
            assert_eq!(client.get("/blue").await.body(), "own blue /blue big");
        });
    }
}
