//! A site where people sign in with the account of an identity provider, by OpenID Connect:
//! `cargo run --example oauth_login`, then open http://127.0.0.1:8888/.
//!
//! The provider is played by the program itself, under `/provider`. A real one is a matter of three flags:
//! `--issuer https://accounts.google.com --client-id ID --client-secret SECRET`, with
//! `http://127.0.0.1:8888/login/callback` registered there.

mod provider;
#[cfg(test)]
mod tests;

use std::cell::OnceCell;
use std::process::ExitCode;

use clap::Parser;
use waterspout::auth::OpenIdClient;
use waterspout::escape::xhtml_escape;
use waterspout::{Application, Html, HttpServer, Result, XsrfConfig};

use self::provider::Provider;

/// The state of the site.
#[derive(Default)]
struct Site {
    openid: OnceCell<OpenIdClient>,
    provider: Provider,
}

type Context = waterspout::Context<Site>;

impl Site {
    /// Says where the site is, and who signs people in; the provider of the program itself if nobody is named.
    fn start(&self, base: &str, flags: &Flags) {
        let issuer = match &flags.issuer {
            Some(issuer) => issuer.clone(),
            None => self.provider.start(base),
        };
        let callback = format!("{base}/login/callback");
        let (id, secret) = (&flags.client_id, &flags.client_secret);
        let client = OpenIdClient::new(issuer, id, secret, callback).scope("profile");
        self.openid.get_or_init(|| client);
    }

    fn openid(&self) -> &OpenIdClient {
        self.openid.get().expect("the site was started")
    }
}

fn app() -> Application<Site> {
    // A site of your own reads its secret from where it is kept, and the same one after a restart.
    let secret = "not a secret: it stands in an example";
    let app = Application::new(Site::default())
        .cookie_secret(secret)
        .xsrf_cookies(XsrfConfig::default())
        .current_user(async |cx: &mut Context| cx.signed_cookie("user"))
        .login_url("/login")
        .get("/", home)
        .get("/private", private)
        .get("/login", login)
        .get("/login/callback", callback)
        .post("/logout", logout);
    provider::add_to(app)
}

async fn home(cx: &mut Context) -> Result<Html<String>> {
    let body = match cx.current_user::<String>().await? {
        Some(user) => {
            let field = cx.xsrf_form_html()?;
            let user = xhtml_escape(&user).into_owned();
            format!(
                "<p>Hello, {user}. <a href=/private>Something private</a>\
                 <form method=post action=/logout>{field}<button>Sign out</button></form>"
            )
        }
        None => "<p>Hello, stranger. <a href=/login>Sign in</a>".to_owned(),
    };
    Ok(Html(format!("<!doctype html><title>A site</title>{body}")))
}

async fn private(cx: &mut Context) -> Result<Html<String>> {
    let user = cx.require_user::<String>().await?;
    let user = xhtml_escape(&user).into_owned();
    Ok(Html(format!(
        "<!doctype html><title>Private</title><p>For {user} alone."
    )))
}

async fn login(cx: &mut Context) -> Result {
    let site = cx.app();
    site.openid().authorize_redirect(cx).await
}

async fn callback(cx: &mut Context) -> Result {
    let site = cx.app();
    let login = site.openid().authenticated_user(cx).await?;
    let claims = &login.claims;
    // A site with accounts looks `subject` up; this one takes the name that the provider gives.
    let name = claims.name().unwrap_or(claims.subject());
    cx.set_signed_cookie("user", name)?;
    cx.redirect(&login.next)
}

async fn logout(cx: &mut Context) -> Result {
    cx.clear_cookie("user")?;
    cx.redirect("/")
}

/// Serves a site where people sign in with the account of an identity provider.
#[derive(Debug, Clone, Parser)]
struct Flags {
    /// Port to listen on.
    #[arg(long, default_value_t = 8888)]
    port: u16,
    /// Provider of OpenID Connect; without it, the program plays one itself.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// What the provider knows this site by.
    #[arg(long, default_value = provider::CLIENT_ID)]
    client_id: String,
    /// What this site proves itself with.
    #[arg(long, default_value = provider::CLIENT_SECRET)]
    client_secret: String,
}

fn serve(flags: Flags) -> Result {
    let base = format!("http://127.0.0.1:{}", flags.port);
    println!("listening on {base}/");
    let port = flags.port;
    let factory = move || {
        let app = app();
        app.state().start(&base, &flags);
        app
    };
    HttpServer::new(factory).listen(("127.0.0.1", port))?.run()
}

fn main() -> ExitCode {
    match serve(Flags::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("oauth_login: {error:?}");
            ExitCode::FAILURE
        }
    }
}
