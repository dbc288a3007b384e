use std::any::type_name;
use std::marker::PhantomData;
use std::pin::pin;

use super::class_hooks::ClassHooks;
use super::detect::{self, Hooks};
use super::endpoint::{Aftermath, Endpoint, HandlerFuture};
use super::request_handler::RequestHandler;
use super::verb::{Verb, Verbs};
use crate::auth::UserFuture;
use crate::context::Context;
use crate::error::{Error, HttpError, Result};
use crate::service::{ErrorLog, by_name, watch};

/// A class handler behind a route: cloned for each request.
pub(crate) struct Class<H, S> {
    handler: H,
    verbs: Verbs,
    hooks: Hooks,
    state: PhantomData<fn(S)>,
}

impl<S: 'static, H: RequestHandler<S>> Class<H, S> {
    pub(crate) fn new(handler: H) -> Self {
        Self {
            handler,
            verbs: detect::verbs::<S, H>(),
            hooks: Hooks::of::<S, H>(),
            state: PhantomData,
        }
    }

    pub(crate) fn verbs(&self) -> Verbs {
        self.verbs
    }

    /// The whole life of the handler, without hooks: the common case.
    async fn answer(&self, handler: &mut H, cx: &mut Context<S>) -> Result {
        handler.prepare(cx).await?;
        if cx.is_finished() {
            return Ok(());
        }
        match self.verb(cx) {
            Some(Verb::Get) => handler.get(cx).await,
            Some(Verb::Head) => handler.head(cx).await,
            Some(Verb::Post) => handler.post(cx).await,
            Some(Verb::Put) => handler.put(cx).await,
            Some(Verb::Patch) => handler.patch(cx).await,
            Some(Verb::Delete) => handler.delete(cx).await,
            Some(Verb::Options) => handler.options(cx).await,
            None => Err(HttpError::METHOD_NOT_ALLOWED.into()),
        }
    }

    /// The verb to run: HEAD becomes GET where the handler has no `head`.
    fn verb(&self, cx: &Context<S>) -> Option<Verb> {
        let verb = Verb::of(cx.method())?;
        if verb == Verb::Head && !self.verbs.contains(Verb::Head) {
            return Some(Verb::Get);
        }
        Some(verb)
    }

    /// The same with hooks: the handler outlives a verb that fails, panics or is dropped.
    async fn answer_with_hooks(&self, cx: &mut Context<S>) -> Result {
        let mut handler = self.handler.clone();
        let closed = self.watches_the_client().then(|| cx.closed()).flatten();
        let result = watch(
            by_name(self.name(), pin!(self.answer(&mut handler, cx))),
            closed,
        )
        .await;
        if let Err(error) = &result
            && error.is_abandoned()
        {
            handler.on_connection_close(cx).await;
            return result;
        }
        if self.hooks.outlive_the_verb() {
            let hooks = self.hooks;
            cx.set_aftermath(Box::new(Survivor { handler, hooks }));
        }
        result
    }
}

impl<S: 'static, H: RequestHandler<S>> Endpoint<S> for Class<H, S> {
    fn call<'a>(&'a self, cx: &'a mut Context<S>) -> HandlerFuture<'a> {
        if self.hooks.any() {
            return Box::pin(self.answer_with_hooks(cx));
        }
        Box::pin(async move {
            let mut handler = self.handler.clone();
            self.answer(&mut handler, cx).await
        })
    }

    fn name(&self) -> &'static str {
        type_name::<H>()
    }

    fn watches_the_client(&self) -> bool {
        self.hooks.on_connection_close
    }

    fn class_hooks(&self) -> Option<&dyn ClassHooks<S>> {
        Some(self)
    }
}

impl<S: 'static, H: RequestHandler<S>> ClassHooks<S> for Class<H, S> {
    fn find_user<'a>(&'a self, cx: &'a mut Context<S>) -> Option<UserFuture<'a>> {
        if !self.hooks.current_user {
            return None;
        }
        Some(Box::pin(self.handler.current_user(cx)))
    }

    fn login_url(&self, cx: &Context<S>) -> Option<String> {
        self.handler.login_url(cx)
    }

    fn user_locale(&self, cx: &mut Context<S>) -> Option<String> {
        self.handler.user_locale(cx)
    }

    #[cfg(feature = "templates")]
    fn template_namespace(&self, cx: &mut Context<S>) -> crate::template::Value {
        self.handler.template_namespace(cx)
    }

    fn check_xsrf_cookie(&self, cx: &mut Context<S>) -> Result {
        self.handler.check_xsrf_cookie(cx)
    }

    fn error_log(&self) -> Option<&dyn ErrorLog<S>> {
        self.hooks.log_exception.then_some(self)
    }
}

impl<S: 'static, H: RequestHandler<S>> ErrorLog<S> for Class<H, S> {
    fn log<'a>(&'a self, cx: &'a mut Context<S>, error: &'a Error) -> HandlerFuture<'a> {
        Box::pin(async move {
            self.handler.log_exception(cx, error).await;
            Ok(())
        })
    }
}

/// A handler whose verb has answered, kept for `write_error` and `on_finish`.
struct Survivor<H> {
    handler: H,
    hooks: Hooks,
}

impl<S: 'static, H: RequestHandler<S>> Aftermath<S> for Survivor<H> {
    fn write_error<'a>(
        &'a mut self,
        cx: &'a mut Context<S>,
        error: &'a Error,
    ) -> Option<HandlerFuture<'a>> {
        if !self.hooks.write_error {
            return None;
        }
        Some(Box::pin(self.handler.write_error(cx, error)))
    }

    fn on_finish<'a>(&'a mut self, cx: &'a mut Context<S>) -> HandlerFuture<'a> {
        Box::pin(async move {
            self.handler.on_finish(cx).await;
            Ok(())
        })
    }
}
