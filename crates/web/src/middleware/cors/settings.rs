//! What is allowed to pages of other origins.

use std::time::Duration;

use crate::Method;

/// Which pages of other origins may use the application: what [`cors()`](super::cors()) answers. Nothing is allowed
/// that is not named.
///
/// # Examples
///
/// ```
/// use waterspout::middleware::{Cors, cors};
/// use waterspout::{Application, Context};
///
/// let shared = Cors::new(["https://app.example.com"]).headers(["Content-Type"]).credentials(true);
/// let app = Application::new(())
///     .get("/", async |_: &mut Context| "hello")
///     .wrap(cors(shared));
/// # drop(app);
/// ```
#[derive(Debug, Clone)]
pub struct Cors {
    /// Empty for every origin.
    pub(super) origins: Vec<String>,
    pub(super) methods: Vec<String>,
    pub(super) headers: Vec<String>,
    pub(super) expose: String,
    pub(super) credentials: bool,
    pub(super) max_age: Duration,
}

impl Cors {
    /// Allows these origins, such as `https://app.example.com`, written as browsers send them.
    #[must_use]
    pub fn new<O: Into<String>>(origins: impl IntoIterator<Item = O>) -> Self {
        let origins: Vec<String> = origins.into_iter().map(Into::into).collect();
        assert!(
            !origins.is_empty(),
            "no origin is named; Cors::any() allows every one"
        );
        Self {
            origins,
            ..Self::any()
        }
    }

    /// Allows every origin, without credentials: for what anybody may read.
    #[must_use]
    pub fn any() -> Self {
        Self {
            origins: Vec::new(),
            methods: ["GET", "HEAD", "POST"].map(str::to_owned).to_vec(),
            headers: Vec::new(),
            expose: String::new(),
            credentials: false,
            max_age: Duration::from_secs(600),
        }
    }

    /// Sets the methods that are allowed. Default: GET, HEAD and POST.
    #[must_use]
    pub fn methods(mut self, methods: impl IntoIterator<Item = Method>) -> Self {
        self.methods = methods
            .into_iter()
            .map(|method| method.to_string())
            .collect();
        self
    }

    /// Sets the request fields that are allowed, beside those that need no leave. Default: none.
    #[must_use]
    pub fn headers<'h>(mut self, names: impl IntoIterator<Item = &'h str>) -> Self {
        self.headers = names.into_iter().map(str::to_owned).collect();
        self
    }

    /// Sets the response fields that pages may read, beside those that need no leave. Default: none.
    #[must_use]
    pub fn expose<'h>(mut self, names: impl IntoIterator<Item = &'h str>) -> Self {
        self.expose = names.into_iter().collect::<Vec<_>>().join(", ");
        self
    }

    /// Lets pages send cookies and read answers made for one user. Default: `false`.
    ///
    /// # Panics
    ///
    /// Panics if every origin is allowed: then any page could act for the user.
    #[must_use]
    #[track_caller]
    pub fn credentials(mut self, allowed: bool) -> Self {
        assert!(
            !allowed || !self.origins.is_empty(),
            "credentials need named origins"
        );
        self.credentials = allowed;
        self
    }

    /// Sets how long browsers remember the answer to a preflight. Default: 600 s.
    #[must_use]
    pub fn max_age(mut self, time: Duration) -> Self {
        self.max_age = time;
        self
    }
}
