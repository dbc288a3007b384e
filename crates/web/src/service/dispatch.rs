use std::fmt;
use std::rc::Rc;

use http::Method;
use waterspout_http::{Exchange, Service};

use super::site::{RouteOptions, Site};
use super::watch::{Ended, Watch, watch};
use crate::context::Context;
use crate::error::{Error, Result};
use crate::handler::{Endpoint, HandlerFuture, Refusal};
use crate::middleware::Next;
use crate::router::Lookup;

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
        let result = match self.answer(&mut cx).await {
            Ended::Done(Ok(())) => cx.complete(),
            Ended::Done(Err(error)) => Err(error),
            Ended::Panicked(panic) => Err(panic.into()),
            Ended::Gone => Err(Error::disconnected()),
        };
        if let Err(error) = result {
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

    #[inline]
    async fn answer(&self, cx: &mut Context<S>) -> Ended<Result> {
        if let Some(rejected) = cx.rejected() {
            return Ended::Done(Err(rejected));
        }
        let request = cx.request();
        let router = &self.site.router;
        let host = if router.has_hosts() {
            request.host_name()
        } else {
            ""
        };
        match router.find(host, request.path_bytes(), request.method()) {
            Lookup::Found {
                target,
                entry,
                captures,
            } => {
                cx.enter(target, entry, captures);
                let target = &self.site.targets[target as usize];
                if (cx.exchange().has_body() || target.options.stream_body)
                    && let Err(error) = cx.take_in_body(target.options).await
                {
                    return Ended::Done(Err(error));
                }
                self.run(cx, target.scope, &*target.endpoint, target.options)
                    .await
            }
            missed => Box::pin(self.miss(cx, missed)).await,
        }
    }

    /// Runs the middleware of a scope and the endpoint, watched.
    #[inline]
    fn run<'a>(
        &'a self,
        cx: &'a mut Context<S>,
        scope: usize,
        endpoint: &'a dyn Endpoint<S>,
        options: RouteOptions,
    ) -> Watch<HandlerFuture<'a>> {
        let unwatched = options.finish_after_close || endpoint.watches_the_client();
        let closed = (!unwatched).then(|| cx.exchange().closed());
        let chain = Next::new(&self.site.scopes[scope].layers, endpoint);
        watch(chain.call(cx), closed)
    }

    /// Answers a request that has no handler, in the scope it would belong to.
    async fn miss(&self, cx: &mut Context<S>, missed: Lookup) -> Ended<Result> {
        let request = cx.request();
        let scope = self.site.scope_of(request.host_name(), request.path());
        let refusal = match missed {
            Lookup::Refused { allow } => self.refuse(request.method(), allow),
            _ if request.path() == "*" && *request.method() == Method::OPTIONS => {
                Refusal::Options(self.site.router.allow_everywhere())
            }
            _ => Refusal::NotFound,
        };
        let fallback = match refusal {
            Refusal::NotFound => self
                .site
                .outwards(scope)
                .find_map(|scope| scope.fallback.as_deref()),
            _ => None,
        };
        let options = RouteOptions::default();
        if fallback.is_some()
            && let Err(error) = cx.take_in_body(options).await
        {
            return Ended::Done(Err(error));
        }
        self.run(cx, scope, fallback.unwrap_or(&refusal), options)
            .await
    }

    /// 405 for a method other routes have, and 501 for one that no route has: RFC 9110 §9.1.
    fn refuse(&self, method: &Method, allow: String) -> Refusal {
        if *method == Method::OPTIONS {
            Refusal::Options(allow)
        } else if self.site.router.recognizes(method) {
            Refusal::NotAllowed(allow)
        } else {
            Refusal::NotImplemented
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
