//! The application: what a worker consists of, its routes and its templates.

use std::path::{Path, PathBuf};

use waterspout::middleware::{SecurityHeaders, request_id, security_headers};
use waterspout::template::{ModuleArguments, Templates};
use waterspout::{
    Application, Compression, CookieSecret, Next, Passwords, Result, XsrfConfig, context,
};

use super::store::{Author, Postgres, Sqlite, Store};
use super::{accounts, entries};

/// What one worker has.
pub(crate) struct Site {
    pub(crate) title: String,
    pub(crate) store: Store,
    pub(crate) passwords: Passwords,
}

pub(crate) type Context = waterspout::Context<Site>;

/// What the blog was told.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    pub(crate) title: String,
    pub(crate) database: PathBuf,
    pub(crate) database_url: Option<String>,
    pub(crate) secret: CookieSecret,
    pub(crate) debug: bool,
}

impl Settings {
    /// Opens the database once.
    pub(crate) fn check(&self) -> Result {
        if self.database_url.is_none() {
            Sqlite::open(&self.database)?;
        }
        Ok(())
    }

    fn store(&self) -> Result<Store> {
        Ok(match &self.database_url {
            Some(url) => Store::Postgres(Postgres::new(url)),
            None => Store::Sqlite(Sqlite::open(&self.database)?),
        })
    }
}

/// Makes the application of a worker.
///
/// # Panics
///
/// Panics if the database cannot be opened, though it could be when the program began.
pub(crate) fn application(settings: &Settings) -> Application<Site> {
    let site = Site {
        title: settings.title.clone(),
        store: settings.store().expect("the database opened a moment ago"),
        passwords: Passwords::new().expect("the system has a thread for passwords"),
    };
    Application::new(site)
        .debug(settings.debug)
        .cookie_secret(settings.secret.clone())
        .xsrf_cookies(XsrfConfig::default())
        .current_user(accounts::find_author)
        .login_url("/auth/login")
        .templates(templates())
        .template_user::<Author>()
        .template_namespace(|cx: &mut Context| context! { blog_title => cx.app().title })
        .ui_module("Entry", show_entry)
        .compress_response(Compression::default())
        .wrap(request_id())
        .wrap(security_headers(SecurityHeaders::default()))
        .wrap(know_the_author)
        .static_files("/static", static_directory())
        .get("/", entries::home)
        .get("/archive", entries::archive)
        .get("/feed", entries::feed)
        .get("/entry/{slug}", entries::show)
        .name("entry")
        .route("/compose", entries::Compose)
        .route("/auth/create", accounts::SignUp)
        .route("/auth/login", accounts::SignIn)
        .post("/auth/logout", accounts::sign_out)
}

/// Finds the author before the page, since every template shows who is signed in.
async fn know_the_author(cx: &mut Context, next: Next<'_, Site>) -> Result {
    if !cx.uri().starts_with("/static/") {
        cx.current_user::<Author>().await?;
    }
    next.run(cx).await
}

/// The module that shows an entry, on the home page and by itself.
fn show_entry(cx: &mut Context, arguments: &ModuleArguments) -> Result<String> {
    let entry = arguments.value(0, "entry");
    cx.render_string("modules/entry.html", context! { entry })
}

fn static_directory() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/blog/static"))
}

fn templates() -> Templates {
    Templates::embedded([
        ("archive.html", include_str!("templates/archive.html")),
        ("base.html", include_str!("templates/base.html")),
        ("compose.html", include_str!("templates/compose.html")),
        (
            "create_author.html",
            include_str!("templates/create_author.html"),
        ),
        ("entry.html", include_str!("templates/entry.html")),
        ("feed.xml", include_str!("templates/feed.xml")),
        ("home.html", include_str!("templates/home.html")),
        ("login.html", include_str!("templates/login.html")),
        (
            "modules/entry.html",
            include_str!("templates/modules/entry.html"),
        ),
    ])
}
