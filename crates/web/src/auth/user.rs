//! The function that finds the user of a request.

use std::any::Any;
use std::fmt;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::{Rc, Weak};

use crate::context::Context;
use crate::error::Result;

type AnyUser = Rc<dyn Any>;

/// What [`RequestHandler::current_user`](crate::RequestHandler::current_user) finds: a user, of a type of the
/// program's own, or nobody.
///
/// # Examples
///
/// ```
/// use waterspout::auth::CurrentUser;
/// use waterspout::{Context, RequestHandler, Result};
///
/// struct User {
///     name: String,
/// }
///
/// #[derive(Clone)]
/// struct Account;
///
/// impl RequestHandler for Account {
///     async fn current_user(&self, cx: &mut Context) -> Result<CurrentUser> {
///         Ok(cx.signed_cookie("user")?.map(|name| User { name }).into())
///     }
///
///     async fn get(&mut self, cx: &mut Context) -> Result {
///         let user = cx.require_user::<User>().await?;
///         cx.write(format!("the account of {}", user.name))
///     }
/// }
/// ```
#[derive(Clone)]
pub struct CurrentUser(Option<AnyUser>);

impl CurrentUser {
    /// A user. [`Context::current_user`] gives it to those who ask for its type.
    #[must_use]
    pub fn new<U: 'static>(user: U) -> Self {
        Self(Some(Rc::new(user)))
    }

    /// Nobody is signed in.
    #[must_use]
    pub fn nobody() -> Self {
        Self(None)
    }

    pub(crate) fn into_user(self) -> Option<AnyUser> {
        self.0
    }
}

/// `None` is nobody.
impl<U: 'static> From<Option<U>> for CurrentUser {
    fn from(user: Option<U>) -> Self {
        user.map_or(Self::nobody(), Self::new)
    }
}

impl fmt::Debug for CurrentUser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let who = if self.0.is_some() {
            "somebody"
        } else {
            "nobody"
        };
        write!(f, "CurrentUser({who})")
    }
}

/// What a request knows of its user.
#[derive(Default)]
pub(crate) enum UserState {
    #[default]
    Unknown,
    /// The function that finds the user runs.
    Looking(Weak<()>),
    Known(Option<AnyUser>),
}

impl UserState {
    /// Tells whether a future that looks for the user is alive.
    pub(crate) fn is_looking(&self) -> bool {
        matches!(self, Self::Looking(future) if future.strong_count() > 0)
    }
}

/// The future of a function that finds the user.
pub(crate) type UserFuture<'a> = Pin<Box<dyn Future<Output = Result<CurrentUser>> + 'a>>;

/// A function that finds the user, with its types erased.
pub(crate) trait FindUser<S> {
    fn find<'a>(&'a self, cx: &'a mut Context<S>) -> UserFuture<'a>;
}

pub(crate) struct UserHook<F, U> {
    function: F,
    user: PhantomData<fn() -> U>,
}

impl<F, U> UserHook<F, U> {
    pub(crate) fn new(function: F) -> Self {
        Self {
            function,
            user: PhantomData,
        }
    }
}

impl<S, F, U> FindUser<S> for UserHook<F, U>
where
    F: AsyncFn(&mut Context<S>) -> Result<Option<U>>,
    U: 'static,
{
    fn find<'a>(&'a self, cx: &'a mut Context<S>) -> UserFuture<'a> {
        Box::pin(async move { Ok((self.function)(cx).await?.into()) })
    }
}
