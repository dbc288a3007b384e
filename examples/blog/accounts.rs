//! Signing up, in and out.

use waterspout::{HttpError, RequestHandler, Result, context};

use super::site::{Context, Site};
use super::store::{Author, NewAuthor, StoreError};

/// The cookie that says who is signed in.
const COOKIE: &str = "blog_author";

/// Letters of a password at the least.
const MIN_PASSWORD: usize = 8;

/// Finds the author of a request by the signed cookie.
pub(crate) async fn find_author(cx: &mut Context) -> Result<Option<Author>> {
    let Some(id) = cx.signed_cookie(COOKIE)?.and_then(|id| id.parse().ok()) else {
        return Ok(None);
    };
    Ok(cx.app().store.author(id).await?)
}

/// `/auth/create`: the first to come becomes the author.
#[derive(Clone)]
pub(crate) struct SignUp;

impl RequestHandler<Site> for SignUp {
    async fn get(&mut self, cx: &mut Context) -> Result<()> {
        if cx.app().store.has_author().await? {
            return Err(HttpError::bad_request("there is an author already").into());
        }
        cx.render("create_author.html", context! {})
    }

    async fn post(&mut self, cx: &mut Context) -> Result<()> {
        let (name, email) = (cx.body_argument("name")?, cx.body_argument("email")?);
        let password = cx.body_argument("password")?;
        let problem = if name.is_empty() || !email.contains('@') {
            Some("A name and an email address are needed.")
        } else if password.chars().count() < MIN_PASSWORD {
            Some("The password needs eight letters or more.")
        } else {
            None
        };
        if problem.is_some() {
            cx.set_status(HttpError::BAD_REQUEST.status());
            return cx.render("create_author.html", context! { problem, name, email });
        }
        let site = cx.app();
        let password_hash = site.passwords.hash(&password).await?;
        match site
            .store
            .add_author(NewAuthor {
                email,
                name,
                password_hash,
            })
            .await
        {
            Ok(id) => cx.set_signed_cookie(COOKIE, id.to_string())?,
            Err(StoreError::AuthorExists) => {
                return Err(HttpError::bad_request("there is an author already").into());
            }
            Err(error) => return Err(error.into()),
        }
        cx.redirect("/")
    }
}

/// `/auth/login`.
#[derive(Clone)]
pub(crate) struct SignIn;

impl RequestHandler<Site> for SignIn {
    async fn get(&mut self, cx: &mut Context) -> Result<()> {
        if !cx.app().store.has_author().await? {
            return cx.redirect("/auth/create");
        }
        let next = cx.next_url("/")?;
        cx.render("login.html", context! { next })
    }

    async fn post(&mut self, cx: &mut Context) -> Result<()> {
        let (email, password) = (cx.body_argument("email")?, cx.body_argument("password")?);
        let next = cx.next_url("/")?;
        let site = cx.app();
        let author = site.store.author_by_email(email.clone()).await?;
        // An address that is not known takes as long as one that is.
        let hash = author.as_ref().map(|author| &*author.password_hash);
        let is_right = site.passwords.verify(&password, hash).await?;
        match author.filter(|_| is_right) {
            Some(author) => {
                cx.set_signed_cookie(COOKIE, author.id.to_string())?;
                cx.redirect(&next)
            }
            None => {
                cx.set_status(HttpError::FORBIDDEN.status());
                let problem = "The email address or the password is wrong.";
                cx.render("login.html", context! { problem, email, next })
            }
        }
    }
}

/// `/auth/logout`, a POST: a link would let any page sign the author out.
pub(crate) async fn sign_out(cx: &mut Context) -> Result {
    cx.clear_cookie(COOKIE)?;
    cx.redirect("/")
}
