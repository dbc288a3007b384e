//! What the service does with a context before and after the handler.

use std::fmt;
use std::rc::Rc;

use waterspout_http::{Closed, Exchange};

use super::{Context, More, NO_ROUTE, Stage};
use crate::error::{Error, Result};
use crate::handler::Aftermath;
use crate::router::{Captures, Entry};
use crate::service::{RouteOptions, Site};

impl<S> Context<S> {
    #[inline]
    pub(crate) fn new(exchange: Exchange, site: Rc<Site<S>>) -> Self {
        Self {
            exchange,
            site,
            target: NO_ROUTE,
            entry: NO_ROUTE,
            captures: Captures::NONE,
            stage: Stage::Open,
            typed: false,
            more: None,
        }
    }

    /// Finds the route of the request and returns the number of its target.
    #[inline]
    pub(crate) fn enter(&mut self) -> Option<u32> {
        if self.exchange.rejection().is_some() {
            return None;
        }
        let request = self.exchange.request();
        let router = &self.site.router;
        let host = if router.has_hosts() {
            request.host_name()
        } else {
            ""
        };
        let (path, method) = (request.path_bytes(), request.method());
        let found = router.find(host, path, method, &mut self.captures)?;
        self.target = found.target;
        self.entry = found.entry;
        Some(found.target)
    }

    /// Tells whether there is anything to do about the body before the handler runs.
    #[inline]
    pub(crate) fn needs_body(&self, options: RouteOptions) -> bool {
        options.stream_body || self.exchange.has_body()
    }

    /// Tells whether the handler reads the body by itself.
    pub(super) fn streams_body(&self) -> bool {
        let target = self.site.targets.get(self.target as usize);
        target.is_some_and(|target| target.options.stream_body)
    }

    /// Reads the body, or leaves it to a handler that streams.
    pub(crate) async fn take_in_body(&mut self, options: RouteOptions) -> Result {
        if let Some(on) = options.decompress_request {
            self.exchange.set_decompress_request(on);
        }
        self.exchange.decode_body()?;
        if options.stream_body {
            let limit = options.max_body_size.unwrap_or(u64::MAX);
            self.exchange.set_max_body_size(limit);
        } else if self.exchange.has_body() {
            if let Some(limit) = options.max_body_size {
                self.exchange.set_max_body_size(limit);
            }
            let body = self.exchange.read_body().await?;
            self.more().body = Some(body);
        }
        Ok(())
    }

    /// Empties the response for an error page: status and fields of the error, cookies kept.
    pub(crate) fn start_error(&mut self, error: &Error) {
        self.exchange.clear_body();
        self.stage = Stage::Open;
        self.typed = false;
        if let Some(more) = &mut self.more {
            more.encoder = None;
        }
        let head = self.exchange.response_mut();
        head.clear();
        head.set_status(error.status());
        if let Some(more) = &self.more {
            for (name, value) in &more.default_headers {
                // They were checked when they were set for the first time.
                let _ = head.headers_mut().append(name, value);
            }
        }
        for (name, value) in error.answer().headers() {
            if head.headers_mut().append(name, value).is_err() {
                tracing::error!(
                    target: "waterspout::application",
                    "the error's header field {name:?} cannot be sent"
                );
            }
        }
    }

    /// Gives up the connection: there is nobody to answer.
    pub(crate) fn abandon(&mut self) {
        self.stage = Stage::Abandoned;
        self.exchange.abort();
    }

    pub(crate) fn is_abandoned(&self) -> bool {
        self.stage == Stage::Abandoned
    }

    /// Completes the response, unless the handler has.
    #[inline]
    pub(crate) fn complete(&mut self) -> Result {
        if self.more.is_some() {
            self.commit_cookies();
        }
        if self.site.transforming {
            self.transform_last()?;
        }
        self.stage = Stage::Closed;
        if self.exchange.is_finished() {
            return Ok(());
        }
        Ok(self.exchange.finish()?)
    }

    #[inline]
    pub(crate) fn into_exchange(self) -> Exchange {
        self.exchange
    }

    /// A future that waits for the client to go away, unless the route wants to go on then.
    pub(crate) fn closed(&self) -> Option<Closed> {
        let target = self.site.targets.get(self.target as usize)?;
        (!target.options.finish_after_close).then(|| self.exchange.closed())
    }

    #[inline]
    pub(crate) fn has_aftermath(&self) -> bool {
        self.more
            .as_ref()
            .is_some_and(|more| more.aftermath.is_some())
    }

    pub(crate) fn take_aftermath(&mut self) -> Option<Box<dyn Aftermath<S>>> {
        self.more.as_mut()?.aftermath.take()
    }

    pub(crate) fn set_aftermath(&mut self, aftermath: Box<dyn Aftermath<S>>) {
        self.more().aftermath = Some(aftermath);
    }

    #[inline]
    pub(crate) fn exchange(&self) -> &Exchange {
        &self.exchange
    }

    pub(crate) fn exchange_mut(&mut self) -> &mut Exchange {
        &mut self.exchange
    }

    pub(crate) fn site(&self) -> &Rc<Site<S>> {
        &self.site
    }

    /// The number of the route's target, which the site may not have.
    pub(crate) fn target(&self) -> u32 {
        self.target
    }

    /// The entry of the route, if there is one.
    pub(super) fn entry(&self) -> Option<&Entry> {
        (self.entry != NO_ROUTE).then(|| self.site.router.entry(self.entry))
    }

    /// The scope whose middleware and error page apply.
    pub(crate) fn scope(&self) -> usize {
        match self.site.targets.get(self.target as usize) {
            Some(target) => target.scope,
            None => {
                let request = self.exchange.request();
                self.site.scope_of(request.host_name(), request.path())
            }
        }
    }

    pub(super) fn more(&mut self) -> &mut More<S> {
        self.more.get_or_insert_default()
    }
}

impl<S> fmt::Debug for Context<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = self.exchange.request();
        f.debug_struct("Context")
            .field("method", request.method())
            .field("target", &request.target())
            .field("status", &self.status())
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}
