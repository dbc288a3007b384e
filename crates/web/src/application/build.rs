//! From the builder to the service.

use std::cell::Cell;
use std::fmt;

use super::Application;
use crate::service::{ApplicationService, Scope, Site, Target, outwards};
use crate::xsrf::Checked;

impl<S: 'static> Application<S> {
    /// Completes the application, ready to serve.
    ///
    /// [`HttpServer`](crate::HttpServer) does this by itself.
    #[must_use]
    pub fn into_service(mut self) -> ApplicationService<S> {
        // Parents stand before their children, so their own chains are complete already.
        for number in 1..self.scopes.len() {
            if let Some(parent) = self.scopes[number].parent {
                let outer = self.scopes[parent].layers.clone();
                self.scopes[number].layers.splice(0..0, outer);
            }
        }
        let mut targets = self.targets;
        if self.security.checks_xsrf {
            let scopes = &self.scopes;
            let with_check = |target| checked(target, scopes);
            targets = targets.into_iter().map(with_check).collect();
        }
        self.rendering.start(self.debug);
        ApplicationService::new(Site {
            state: self.state,
            router: self.router,
            targets,
            scopes: self.scopes,
            log: self.log,
            transforming: self.transforms.any(),
            multipart: self.multipart,
            security: self.security,
            debug: self.debug,
            languages: self.languages,
            rendering: self.rendering,
            statics: self.statics,
            transforms: self.transforms,
            scratch: Cell::default(),
        })
    }
}

/// Puts the check for forged requests before a handler.
fn checked<S: 'static>(mut target: Target<S>, scopes: &[Scope<S>]) -> Target<S> {
    let mut groups = outwards(scopes, target.scope);
    if !target.options.xsrf_exempt && !groups.any(|group| group.xsrf_exempt) {
        target.endpoint = Box::new(Checked(target.endpoint));
    }
    target
}

impl<S> fmt::Debug for Application<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("routes", &self.targets.len())
            .finish_non_exhaustive()
    }
}
