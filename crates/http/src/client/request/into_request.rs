//! What a fetch takes.

use super::HttpRequest;

/// What can be fetched: a URL, with the client's defaults, or an [`HttpRequest`].
pub trait IntoRequest {
    /// Makes the request; `defaults` is what the client would do.
    fn into_request(self, defaults: &HttpRequest) -> HttpRequest;
}

impl IntoRequest for HttpRequest {
    fn into_request(self, _defaults: &HttpRequest) -> HttpRequest {
        self
    }
}

impl IntoRequest for String {
    fn into_request(self, defaults: &HttpRequest) -> HttpRequest {
        HttpRequest {
            url: self,
            ..defaults.clone()
        }
    }
}

impl IntoRequest for &str {
    fn into_request(self, defaults: &HttpRequest) -> HttpRequest {
        self.to_owned().into_request(defaults)
    }
}

impl IntoRequest for &String {
    fn into_request(self, defaults: &HttpRequest) -> HttpRequest {
        self.clone().into_request(defaults)
    }
}
