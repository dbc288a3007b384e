//! The border between HTTP and what answers requests.

use crate::Exchange;

/// Answers requests: the one border between the connection driver and a framework.
///
/// The driver calls it for each request, one at a time per connection, on the loop's thread; nothing
/// needs to be `Send`. A request that the driver refuses passes through it too, so that errors look
/// alike: see [`Exchange::rejection`].
///
/// # Cancel safety
///
/// The driver drops the future only when the server is stopped for good.
pub trait Service: 'static {
    /// Answers one request and gives the exchange back. What was written and not finished is
    /// finished by the driver. If the exchange is not given back (the future panics), the
    /// connection is closed.
    fn call(&self, exchange: Exchange) -> impl Future<Output = Exchange>;
}
