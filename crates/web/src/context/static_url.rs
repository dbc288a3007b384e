//! URLs of static files.

use super::Context;
use crate::error::{Misuse, Result};
use crate::percent;

impl<S> Context<S> {
    /// Makes the URL of a static file, with a version: it changes with the content, so that clients
    /// may keep what they have for ever.
    ///
    /// The version is a hash of 128 bits, kept until the file's time or size changes. To make it
    /// the file is read on the loop, as in Tornado (which takes SHA-512). A file that cannot be read
    /// is logged, and its URL has no version.
    ///
    /// # Errors
    ///
    /// Fails if the application has no [`static_files`](crate::Application::static_files).
    pub fn static_url(&self, path: &str) -> Result<String> {
        let (prefix, directory) = self.statics()?;
        let encoded: String = percent::encode_path(path).collect();
        let url = format!("{prefix}{encoded}");
        match directory.version(&encoded) {
            Ok(version) => Ok(format!("{url}?v={version}")),
            Err(error) => {
                tracing::error!(
                    target: "waterspout::general",
                    "Could not open static file {path:?}: {error}"
                );
                Ok(url)
            }
        }
    }

    /// Makes the URL of a static file with protocol and host in front, as the client named them.
    ///
    /// # Errors
    ///
    /// Fails as [`static_url`](Self::static_url) does.
    pub fn static_url_with_host(&self, path: &str) -> Result<String> {
        let url = self.static_url(path)?;
        Ok(format!("{}://{}{url}", self.protocol(), self.host()))
    }

    /// What the last parameter of the route captured, as it came.
    pub(crate) fn raw_rest(&self) -> &str {
        let ranges = (0..).map_while(|position| self.captures.range(position));
        let range = ranges.last().unwrap_or(0..0);
        std::str::from_utf8(&self.request().path_bytes()[range]).unwrap_or_default()
    }

    fn statics(&self) -> Result<&(String, std::sync::Arc<crate::static_files::Directory>)> {
        let statics = self.site.statics.as_ref();
        statics.ok_or_else(|| Misuse::new("static_url() needs static_files()").into())
    }
}
