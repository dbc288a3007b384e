//! From the builder to the service.

use std::cell::Cell;
use std::fmt;

use super::Application;
use crate::service::{ApplicationService, Site};

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
        ApplicationService::new(Site {
            state: self.state,
            router: self.router,
            targets: self.targets,
            scopes: self.scopes,
            log: self.log,
            transforming: self.transforms.any(),
            multipart: self.multipart,
            statics: self.statics,
            transforms: self.transforms,
            scratch: Cell::default(),
        })
    }
}

impl<S> fmt::Debug for Application<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("routes", &self.targets.len())
            .finish_non_exhaustive()
    }
}
