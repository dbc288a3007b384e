use std::fmt::{self, Write};
use std::ops::Deref;

use serde::de::DeserializeOwned;
use waterspout_http::client::HttpResponse;

/// Octets of a body that a failed test shows.
const SHOWN: usize = 2000;

/// A response to a test: an [`HttpResponse`] with checks, each of which shows the whole response where it
/// fails, and returns it where it does not.
///
/// # Examples
///
/// ```
/// use waterspout::net::IoLoop;
/// use waterspout::testing::serve;
/// use waterspout::{Application, Context, Json};
///
/// let app = Application::new(())
///     .get("/old", async |cx: &mut Context| cx.redirect("/new"))
///     .get("/new", async |_: &mut Context| Json([1, 2]));
/// IoLoop::new()?.run_sync(async {
///     let server = serve(app);
///     server.get("/old").await.expect_redirect("/new");
///     let response = server.get("/new").await;
///     response.expect_status(200).expect_header("Content-Length", "5").expect_text("[1,2]");
///     assert_eq!(response.expect_json::<Vec<u8>>(), [1, 2]);
/// });
/// # Ok::<(), std::io::Error>(())
/// ```
pub struct TestResponse(HttpResponse);

impl TestResponse {
    pub(super) fn new(response: HttpResponse) -> Self {
        Self(response)
    }

    /// Returns the response without the checks.
    #[must_use]
    pub fn into_inner(self) -> HttpResponse {
        self.0
    }

    /// Expects a status, such as 200.
    ///
    /// # Panics
    ///
    /// Panics if it is another one.
    #[track_caller]
    pub fn expect_status(&self, status: u16) -> &Self {
        assert_eq!(self.code(), status, "the status of {self:?}");
        self
    }

    /// Expects a field of the head, with this value; of several fields of the name, the first.
    ///
    /// # Panics
    ///
    /// Panics if there is none, or if it has another value.
    #[track_caller]
    pub fn expect_header(&self, name: &str, value: &str) -> &Self {
        let found = self.headers().get(name);
        assert_eq!(found, Some(value), "the field {name} of {self:?}");
        self
    }

    /// Expects a redirect, with any status of the 3xx class, to what the field `Location` says.
    ///
    /// # Panics
    ///
    /// Panics if it is none, or leads elsewhere.
    #[track_caller]
    pub fn expect_redirect(&self, location: &str) -> &Self {
        assert!(self.status().is_redirection(), "no redirect is {self:?}");
        self.expect_header("Location", location)
    }

    /// Expects the whole body to be this text.
    ///
    /// # Panics
    ///
    /// Panics if it is another one.
    #[track_caller]
    pub fn expect_text(&self, text: &str) -> &Self {
        assert_eq!(self.text(), text, "the body of {self:?}");
        self
    }

    /// Expects the body to hold this text somewhere.
    ///
    /// # Panics
    ///
    /// Panics if it does not.
    #[track_caller]
    pub fn expect_contains(&self, text: &str) -> &Self {
        assert!(self.text().contains(text), "{text:?} is not in {self:?}");
        self
    }

    /// Expects a body in JSON and returns its value.
    ///
    /// # Panics
    ///
    /// Panics if it is not JSON, or not of this type.
    #[track_caller]
    #[must_use]
    pub fn expect_json<T: DeserializeOwned>(&self) -> T {
        self.json()
            .unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl Deref for TestResponse {
    type Target = HttpResponse;

    fn deref(&self) -> &HttpResponse {
        &self.0
    }
}

/// The response as it stands on the wire, as far as a reader needs it.
impl fmt::Debug for TestResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "the response of {}:", self.effective_url())?;
        writeln!(f, "{}", self.status())?;
        for (name, value) in self.headers().iter() {
            writeln!(f, "{name}: {}", String::from_utf8_lossy(value))?;
        }
        f.write_char('\n')?;
        let text = self.text();
        match text.char_indices().nth(SHOWN) {
            Some((end, _)) => write!(f, "{}…", &text[..end]),
            None => f.write_str(&text),
        }
    }
}
