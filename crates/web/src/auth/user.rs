//! The function that finds the user of a request.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::rc::Rc;

use crate::context::Context;
use crate::error::Result;

type AnyUser = Rc<dyn Any>;

/// What a request knows of its user.
#[derive(Default)]
pub(crate) enum UserState {
    #[default]
    Unknown,
    /// The function that finds the user runs.
    Looking,
    Known(Option<AnyUser>),
}

/// A function that finds the user, with its types erased.
pub(crate) trait FindUser<S> {
    fn find<'a>(
        &'a self,
        cx: &'a mut Context<S>,
    ) -> Pin<Box<dyn Future<Output = Result<Option<AnyUser>>> + 'a>>;
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
    fn find<'a>(
        &'a self,
        cx: &'a mut Context<S>,
    ) -> Pin<Box<dyn Future<Output = Result<Option<AnyUser>>> + 'a>> {
        Box::pin(async move {
            let user = (self.function)(cx).await?;
            Ok(user.map(|user| Rc::new(user) as AnyUser))
        })
    }
}
