//! What `--cookie-secret` switches on: signed cookies, forms that need a token, a page for those who are
//! known.

use waterspout::{Application, Context, CookieSecret, Html, Result, SignatureVersion};

use crate::cookies::blame_client;
use crate::flags::Flags;

/// Adds the routes of this file. The check of tokens is for `/xsrf` alone.
pub(crate) fn add_to(app: Application, flags: &Flags) -> Application {
    let Some(secret) = &flags.cookie_secret else {
        return app;
    };
    // Cookies of old Tornado servers count, too.
    let secret = CookieSecret::new(secret).min_version(SignatureVersion::V1);
    app.cookie_secret(secret)
        .current_user(async |cx: &mut Context| cx.signed_cookie("user"))
        .login_url("/login")
        .get("/signed/set", set)
        .get("/signed/get", get)
        .get("/xsrf", form)
        .post("/xsrf", posted)
        .get("/private", private)
        .get("/login", login)
}

async fn set(cx: &mut Context) -> Result<&'static str> {
    let (name, value) = (cx.query_argument("name")?, cx.query_argument("value")?);
    cx.set_signed_cookie(&name, &value).map_err(blame_client)?;
    Ok("ok")
}

async fn get(cx: &mut Context) -> Result<Option<String>> {
    let name = cx.query_argument("name")?;
    cx.signed_cookie(&name)
}

async fn form(cx: &mut Context) -> Result<Html<String>> {
    let field = cx.xsrf_form_html()?;
    Ok(Html(format!(
        "<!doctype html><title>A form</title><form method=\"post\" action=\"/xsrf\">{field}\
         <button>Send</button></form>"
    )))
}

async fn posted(cx: &mut Context) -> Result<&'static str> {
    cx.check_xsrf_cookie()?;
    Ok("ok")
}

async fn private(cx: &mut Context) -> Result<String> {
    let user = cx.require_user::<String>().await?;
    Ok(format!("Hello, {user}"))
}

/// Takes any name, and goes on to where the client came from.
async fn login(cx: &mut Context) -> Result {
    let Some(user) = cx.argument_optional("user")? else {
        return cx.write("who are you? /login?user=NAME");
    };
    cx.set_signed_cookie("user", &user)?;
    let next = cx.next_url("/private")?;
    cx.redirect(&next)
}
