use std::fmt;
use std::rc::Rc;

use http::Method;
use waterspout_http::{Exchange, Request, Service};

use super::site::{RouteOptions, Site, Target};
use super::watch::{Watch, by_name, handler_by_name, watch};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::{HandlerFuture, Refusal};
use crate::middleware::Next;

/// An application that is ready to serve: what [`Application::into_service`] makes of it.
///
/// [`HttpServer`](crate::HttpServer) does that by itself; this type is for those who drive
/// `waterspout::http` themselves.
///
/// [`Application::into_service`]: crate::Application::into_service
pub struct ApplicationService<S = ()> {
    site: Rc<Site<S>>,
}

impl<S: 'static> Service for ApplicationService<S> {
    #[inline]
    async fn call(&self, exchange: Exchange) -> Exchange {
        let started = self.site.log.start();
        let mut cx = Context::new(exchange, Rc::clone(&self.site));
        let answered = match cx.enter() {
            Some(number) => {
                let target = &self.site.targets[number as usize];
                let taken_in = if cx.needs_body(target.options) {
                    Box::pin(cx.take_in_body(target.options)).await
                } else {
                    Ok(())
                };
                match taken_in {
                    Ok(()) => self.start(&mut cx, target).await,
                    Err(error) => Err(error),
                }
            }
            None => Box::pin(self.miss(&mut cx)).await,
        };
        if let Err(error) = answered.and_then(|()| cx.complete()) {
            Box::pin(cx.fail(error)).await;
        }
        if cx.has_aftermath() {
            Box::pin(cx.run_on_finish()).await;
        }
        if let Some(started) = started
            && !cx.is_abandoned()
        {
            self.site.log.write(&cx, started);
        }
        cx.into_exchange()
    }
}

impl<S: 'static> ApplicationService<S> {
    pub(crate) fn new(site: Site<S>) -> Self {
        Self {
            site: Rc::new(site),
        }
    }

    /// Starts the middleware and the handler of a route.
    #[inline]
    fn start<'a>(
        &'a self,
        cx: &'a mut Context<S>,
        target: &'a Target<S>,
    ) -> Watch<HandlerFuture<'a>> {
        let unwatched = target.options.finish_after_close || target.endpoint.watches_the_client();
        let closed = (!unwatched).then(|| cx.exchange().closed());
        let layers = &self.site.scopes[target.scope].layers;
        let handled = Next::new(layers, &*target.endpoint).call(cx);
        watch(handler_by_name(target.name, handled), closed)
    }

    /// Answers a request that has no handler, in the scope it would belong to.
    async fn miss(&self, cx: &mut Context<S>) -> Result {
        if let Some(rejection) = cx.exchange().rejection() {
            let reason = rejection.reason().to_owned();
            return Err(Error::new(rejection.status(), reason));
        }
        let refusal = self.refuse(cx.request());
        let scope = cx.scope();
        let fallback = match refusal {
            Refusal::NotFound => self.site.fallback_of(scope),
            _ => None,
        };
        if fallback.is_some() {
            cx.take_in_body(RouteOptions::default()).await?;
        }
        let closed = cx.exchange().closed();
        let layers = &self.site.scopes[scope].layers;
        let chain = Next::new(layers, fallback.unwrap_or(&refusal));
        let answered = by_name("what answers where no route does", chain.call(cx));
        watch(answered, Some(closed)).await
    }

    /// 405 for a method other routes have, and 501 for one that no route has: RFC 9110 §9.1.
    fn refuse(&self, request: &Request) -> Refusal {
        let router = &self.site.router;
        let is_options = *request.method() == Method::OPTIONS;
        match router.allow(request.host_name(), request.path()) {
            Some(allow) if is_options => Refusal::Options(allow),
            Some(_) if !router.recognizes(request.method()) => Refusal::NotImplemented,
            Some(allow) => Refusal::NotAllowed(allow),
            None if is_options && request.path() == "*" => {
                Refusal::Options(router.allow_everywhere())
            }
            None => Refusal::NotFound,
        }
    }
}

impl<S> fmt::Debug for ApplicationService<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApplicationService")
            .field("routes", &self.site.targets.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn size<F>(_: impl Fn(&'static ApplicationService, Exchange) -> F) -> usize {
        size_of::<F>()
    }

    /// The future of a request lies in that of its connection, and is moved there per batch.
    #[test]
    fn the_future_of_a_request_is_small() {
        let size = size(|service: &'static ApplicationService, exchange| service.call(exchange));
        assert!(size <= 240, "{size}");
    }
}
