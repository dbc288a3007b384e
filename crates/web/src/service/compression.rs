/// Types that shrink, beside those of text.
const TYPES: [&str; 12] = [
    "application/javascript",
    "application/x-javascript",
    "application/json",
    "application/ld+json",
    "application/manifest+json",
    "application/xml",
    "application/atom+xml",
    "application/rss+xml",
    "application/xhtml+xml",
    "application/wasm",
    "image/svg+xml",
    "image/vnd.microsoft.icon",
];

/// Which responses are compressed: see
/// [`Application::compress_response`](crate::Application::compress_response).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Compression {
    /// Octets of a body at the least, if its length is known. Default: 1,024.
    pub min_size: usize,
    /// Types that are compressed beside `text/*`, in lower case. Default: those of Tornado (JSON,
    /// JavaScript, XML, SVG), and some that came later.
    pub types: Vec<String>,
}

impl Default for Compression {
    fn default() -> Self {
        Self {
            min_size: 1024,
            types: TYPES.map(str::to_owned).to_vec(),
        }
    }
}

impl Compression {
    /// Sets the octets of a body at the least. Default: 1,024.
    #[must_use]
    pub fn min_size(mut self, octets: usize) -> Self {
        self.min_size = octets;
        self
    }

    /// Adds a type that is compressed. Default: see [`types`](Self::types).
    #[must_use]
    pub fn add_type(mut self, name: &str) -> Self {
        self.types.push(name.to_ascii_lowercase());
        self
    }

    pub(crate) fn takes(&self, content_type: &str) -> bool {
        let essence = content_type.split(';').next().unwrap_or_default();
        let essence = essence.trim_ascii().to_ascii_lowercase();
        essence.starts_with("text/") || self.types.contains(&essence)
    }
}
