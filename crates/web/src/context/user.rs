//! Who the request comes from.

use std::any::{Any, type_name};
use std::rc::Rc;

use http::{Method, StatusCode};

use super::Context;
use crate::auth::{BasicCredentials, CurrentUser, UserState, bearer};
use crate::error::{Error, HttpError, Misuse, Result};
use crate::percent;
use crate::service::Site;

impl<S: 'static> Context<S> {
    /// Returns the user, as the application's [`current_user`](crate::Application::current_user) finds them;
    /// `None` if nobody is signed in. It is asked once for each request.
    ///
    /// # Errors
    ///
    /// Fails as that function does, and if there is none or it finds users of another type.
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped, the user is looked for again.
    pub async fn current_user<U: 'static>(&mut self) -> Result<Option<Rc<U>>> {
        if !matches!(self.user_state(), Some(UserState::Known(_))) {
            let found = self.find_user().await?;
            self.more().user = UserState::Known(found);
        }
        let Some(UserState::Known(Some(user))) = self.user_state() else {
            return Ok(None);
        };
        let user = Rc::clone(user).downcast::<U>();
        let wanted = type_name::<U>();
        let wrong = |_| {
            Misuse::new(format!(
                "current_user() finds no {wanted}, but another type"
            ))
        };
        Ok(Some(user.map_err(wrong)?))
    }

    /// Returns the user, or sends the client to sign in: Tornado's `authenticated`.
    ///
    /// GET and HEAD are redirected to [`login_url`](crate::Application::login_url) with the argument `next`,
    /// which [`next_url`](Self::next_url) reads there; other methods are a 403.
    ///
    /// # Errors
    ///
    /// That redirect or 403 if nobody is signed in; otherwise as [`current_user`](Self::current_user).
    ///
    /// # Cancel safety
    ///
    /// As [`current_user`](Self::current_user).
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Result};
    ///
    /// struct User {
    ///     name: String,
    /// }
    ///
    /// async fn who(cx: &mut Context) -> Result<Option<User>> {
    ///     Ok(cx.signed_cookie("user")?.map(|name| User { name }))
    /// }
    ///
    /// async fn account(cx: &mut Context) -> Result<String> {
    ///     let user = cx.require_user::<User>().await?;
    ///     Ok(format!("the account of {}", user.name.len()))
    /// }
    ///
    /// let app = Application::new(())
    ///     .cookie_secret("32 random octets")
    ///     .current_user(who)
    ///     .login_url("/login")
    ///     .get("/account", account);
    /// # drop(app);
    /// ```
    pub async fn require_user<U: 'static>(&mut self) -> Result<Rc<U>> {
        match self.current_user::<U>().await? {
            Some(user) => Ok(user),
            None => Err(self.nobody()?),
        }
    }

    /// Sets the user of this request, in place of looking for them; `None` is nobody.
    pub fn set_current_user<U: 'static>(&mut self, user: Option<U>) {
        let user = user.map(|user| Rc::new(user) as Rc<dyn Any>);
        self.more().user = UserState::Known(user);
    }

    async fn find_user(&mut self) -> Result<Option<Rc<dyn Any>>> {
        if self.user_state().is_some_and(UserState::is_looking) {
            let problem = "the function that finds the user asks for the user";
            return Err(Misuse::new(problem).into());
        }
        let site = Rc::clone(self.site());
        // Gone with this future: who comes after it may look.
        let looking = Rc::new(());
        self.more().user = UserState::Looking(Rc::downgrade(&looking));
        let found = self.look_for_user(&site).await;
        // It may have set the user, too.
        if self.user_state().is_some_and(UserState::is_looking) {
            self.more().user = UserState::Unknown;
        }
        Ok(found?.into_user())
    }

    /// Asks the class, the group or the application.
    async fn look_for_user(&mut self, site: &Site<S>) -> Result<CurrentUser> {
        let class = site.class_hooks(self.target());
        if let Some(found) = class.and_then(|class| class.find_user(self)) {
            return found.await;
        }
        let mut scopes = site.outwards(self.scope());
        match scopes.find_map(|scope| scope.current_user.as_deref()) {
            Some(hook) => hook.find(self).await,
            None => {
                let problem = "current_user() needs Application::current_user, which is not set";
                Err(Misuse::new(problem).into())
            }
        }
    }

    /// Where the class, the group or the application has people sign in.
    fn login_page(&self) -> Option<String> {
        let site = self.site();
        let of_class = site.class_hooks(self.target());
        let of_scope = || {
            let mut scopes = site.outwards(self.scope());
            scopes.find_map(|scope| scope.login_url.clone())
        };
        of_class
            .and_then(|class| class.login_url(self))
            .or_else(of_scope)
    }

    /// What a request of nobody is answered with.
    fn nobody(&self) -> Result<Error> {
        if !matches!(*self.method(), Method::GET | Method::HEAD) {
            return Ok(HttpError::FORBIDDEN.into());
        }
        let Some(login) = self.login_page() else {
            let problem = "require_user() needs Application::login_url, which is not set";
            return Err(Misuse::new(problem).into());
        };
        let mut url = login.clone();
        if !login.contains('?') {
            let request = self.request();
            let mut next = request.path().to_owned();
            if let Some(query) = request.query() {
                next.push('?');
                next.push_str(query);
            }
            if login.contains("://") {
                next.insert_str(0, &format!("{}://{}", self.protocol(), self.host()));
            }
            url.push_str("?next=");
            url.extend(percent::encode_segment(&next));
        }
        Ok(HttpError::new(StatusCode::FOUND)
            .with_header("Location", percent::encode_url(&url))
            .into())
    }
}

impl<S> Context<S> {
    /// Returns user and password of Basic authentication, if the request has them; see
    /// [`Challenge`](crate::Challenge).
    #[must_use]
    pub fn basic_credentials(&self) -> Option<BasicCredentials> {
        BasicCredentials::parse(self.authorization()?)
    }

    /// Returns the bearer token of the request's `Authorization` field, if it has one.
    #[must_use]
    pub fn bearer_token(&self) -> Option<&str> {
        bearer(self.authorization()?)
    }

    /// The one `Authorization` field; two are nobody's.
    fn authorization(&self) -> Option<&str> {
        let mut fields = self.headers().get_all("authorization");
        let field = fields.next()?;
        let is_only = fields.next().is_none();
        std::str::from_utf8(field).ok().filter(|_| is_only)
    }

    /// What was found when the user was asked for in this request; `None` if nobody has asked.
    #[cfg(feature = "templates")]
    pub(crate) fn found_user(&self) -> Option<Option<Rc<dyn Any>>> {
        match self.user_state()? {
            UserState::Known(user) => Some(user.clone()),
            _ => None,
        }
    }

    /// Tells whether the user was asked for in this request, and somebody is there.
    pub(crate) fn has_known_user(&self) -> bool {
        matches!(self.user_state(), Some(UserState::Known(Some(_))))
    }

    fn user_state(&self) -> Option<&UserState> {
        self.more.as_ref().map(|more| &more.user)
    }
}
