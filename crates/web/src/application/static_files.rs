//! Directories of files.

use super::Application;
use crate::static_files::StaticFileHandler;

impl<S: 'static> Application<S> {
    /// Serves the files of a directory below a prefix, and lets
    /// [`Context::static_url`](crate::Context::static_url) make URLs of them.
    ///
    /// The directory is a path, or a [`StaticFileHandler`] with settings of its own. Of several
    /// directories, `static_url` is about the first.
    ///
    /// # Panics
    ///
    /// Panics if the prefix does not begin with a slash, or has a route already.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Result};
    ///
    /// async fn page(cx: &mut Context) -> Result {
    ///     let style = cx.static_url("style.css")?;
    ///     cx.write(format!("<link rel=stylesheet href=\"{style}\">"))
    /// }
    ///
    /// let app = Application::new(()).static_files("/static", "static").get("/", page);
    /// # drop(app);
    /// ```
    #[track_caller]
    pub fn static_files(mut self, prefix: &str, files: impl Into<StaticFileHandler>) -> Self {
        let handler = files.into();
        let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
        let directory = handler.directory();
        if !directory.root().is_dir() {
            let path = directory.root().display();
            tracing::warn!(target: "waterspout::general", "{path} for {prefix}/ is no directory");
        }
        if self.statics.is_none() {
            let full = format!("{}{prefix}/", self.scopes[self.scope].prefix);
            self.statics = Some((full, handler.directory()));
        }
        self.route(&format!("{prefix}/"), handler.clone())
            .route(&format!("{prefix}/{{*path}}"), handler)
    }
}
