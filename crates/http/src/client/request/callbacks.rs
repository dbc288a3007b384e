//! Functions that are called with a response as it comes.

use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

use bytes::Bytes;

use super::HttpRequest;

pub(in crate::client) trait StreamingCallback {
    fn call(&self, chunk: Bytes) -> Pin<Box<dyn Future<Output = ()> + '_>>;
}

impl<F: AsyncFn(Bytes)> StreamingCallback for F {
    fn call(&self, chunk: Bytes) -> Pin<Box<dyn Future<Output = ()> + '_>> {
        Box::pin(self(chunk))
    }
}

pub(in crate::client) type HeaderCallback = Rc<dyn Fn(&[u8])>;

impl HttpRequest {
    /// Has each piece of the body handed to a function as it comes, and waits for the function. The
    /// response has no body then. Only the last response of a chain of redirects is handed over.
    #[must_use]
    pub fn streaming_callback(mut self, callback: impl AsyncFn(Bytes) + 'static) -> Self {
        self.streaming_callback = Some(Rc::new(callback));
        self
    }

    /// Has the lines of the response's head handed to a function before the body: the status line,
    /// each field, and the empty line, all with their CR LF.
    #[must_use]
    pub fn header_callback(mut self, callback: impl Fn(&[u8]) + 'static) -> Self {
        self.header_callback = Some(Rc::new(callback));
        self
    }
}
