//! A browser, as far as signing in needs one: it keeps cookies and knows where it was sent.

use std::collections::BTreeMap;

use waterspout::http::client::HttpRequest;
use waterspout::testing::{TestResponse, TestServer};

/// The name under which providers know the site.
pub(crate) const SITE: &str = "http://site.test";

/// What it keeps for the site.
#[derive(Default)]
pub(crate) struct Browser {
    pub(crate) cookies: BTreeMap<String, String>,
}

impl Browser {
    /// Asks the site for a page. Redirects are not followed.
    pub(crate) async fn get(&mut self, site: &TestServer, target: &str) -> TestResponse {
        let target = target.strip_prefix(SITE).unwrap_or(target);
        let cookies = self
            .cookies
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let cookies = cookies.collect::<Vec<_>>().join("; ");
        let mut request = plain(&site.url(target));
        if !cookies.is_empty() {
            request = request.header("Cookie", cookies);
        }
        let response = site.fetch(request).await;
        for field in response.headers().get_all("Set-Cookie") {
            let field = std::str::from_utf8(field).unwrap();
            let (name, value) = field.split(';').next().unwrap().split_once('=').unwrap();
            if value == "\"\"" {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        response
    }
}

/// A request whose answer is looked at, whatever it is.
pub(crate) fn plain(url: &str) -> HttpRequest {
    HttpRequest::get(url)
        .follow_redirects(false)
        .raise_error(false)
}

/// Where an answer leads.
#[track_caller]
pub(crate) fn location(response: &TestResponse) -> String {
    assert_eq!(response.code(), 302, "{}", response.text());
    response.headers().get("Location").unwrap().to_owned()
}

/// An argument of a URL's query, decoded.
pub(crate) fn argument(url: &str, name: &str) -> String {
    let query = url.split_once('?').map_or("", |(_, query)| query);
    let arguments = waterspout::Arguments::parse(query.as_bytes()).unwrap();
    arguments.last(name).unwrap().unwrap_or_default()
}
