//! What the command line says, and the request that it comes to.

use std::error::Error;
use std::io;
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use waterspout::http::Method;
use waterspout::http::client::{AuthMode, HttpRequest, MultipartForm, Part, Proxy};

/// Fetches a URL and writes the body of the response to standard output.
#[derive(Debug, Parser)]
pub(crate) struct Flags {
    /// What to fetch; http:// may be left out.
    pub(crate) url: String,
    /// The method. Default: GET, or POST with --data or --form.
    #[arg(short = 'X', long)]
    method: Option<Method>,
    /// A field of the request, as "Name: value"; may be repeated.
    #[arg(short = 'H', long, value_name = "FIELD")]
    header: Vec<String>,
    /// The body, or the file of it after an @.
    #[arg(short, long, conflicts_with = "form")]
    data: Option<String>,
    /// A part of a multipart form, as name=value or name=@file; may be repeated.
    #[arg(short = 'F', long, value_name = "PART")]
    form: Vec<String>,
    /// User and password, divided by a colon.
    #[arg(short, long)]
    user: Option<String>,
    /// Show user and password as a digest.
    #[arg(long, requires = "user")]
    digest: bool,
    /// A proxy: http://, socks5:// or socks5h://. Default: what http_proxy and the like say.
    #[arg(short = 'x', long)]
    proxy: Option<String>,
    /// A file of certificates to trust, in PEM.
    #[arg(long)]
    ca: Option<PathBuf>,
    /// Do not check the certificate of the server.
    #[arg(short = 'k', long)]
    insecure: bool,
    /// Connect to this Unix socket.
    #[arg(long, value_name = "PATH")]
    unix_socket: Option<PathBuf>,
    /// Write the head of the response to standard error.
    #[arg(long)]
    head: bool,
    /// Do not follow redirects.
    #[arg(long)]
    no_redirects: bool,
    /// Do not ask for codings, and do not undo them.
    #[arg(long)]
    raw: bool,
    /// Fetch so many times, one after the other, with one client.
    #[arg(long, default_value_t = 1)]
    pub(crate) repeat: u32,
    /// Seconds without progress after which to give up.
    #[arg(long, default_value_t = 30)]
    idle: u64,
}

impl Flags {
    /// Makes the request. A download may take as long as it goes on.
    pub(crate) async fn request(&self) -> Result<HttpRequest, Box<dyn Error>> {
        let url = match self.url.contains("://") {
            true => self.url.clone(),
            false => format!("http://{}", self.url),
        };
        let sends = self.data.is_some() || !self.form.is_empty();
        let usual = if sends { Method::POST } else { Method::GET };
        let mut request = HttpRequest::new(self.method.clone().unwrap_or(usual), url)
            .follow_redirects(!self.no_redirects)
            .decompress_response(!self.raw)
            .request_timeout(Duration::ZERO)
            .idle_timeout(Duration::from_secs(self.idle))
            .first_byte_timeout(Duration::from_secs(self.idle));
        for field in &self.header {
            let (name, value) = field.split_once(':').ok_or("a field has no colon")?;
            request = request.append_header(name, value.trim());
        }
        if let Some(data) = &self.data {
            request = request.with_body(match data.strip_prefix('@') {
                Some(path) => std::fs::read(path).map_err(|error| format!("{path}: {error}"))?,
                None => data.clone().into_bytes(),
            });
        }
        if !self.form.is_empty() {
            request = request.multipart(self.parts().await?);
        }
        if self.head {
            request = request.header_callback(|line| _ = io::stderr().write_all(line));
        }
        self.reach(request)
    }

    async fn parts(&self) -> Result<MultipartForm, Box<dyn Error>> {
        let mut form = MultipartForm::new();
        for part in &self.form {
            let (name, value) = part.split_once('=').ok_or("a part has no =")?;
            form = match value.strip_prefix('@') {
                Some(path) => {
                    let file = Part::file(path).await;
                    form.part(name, file.map_err(|error| format!("{path}: {error}"))?)
                }
                None => form.text(name, value),
            };
        }
        Ok(form)
    }

    fn reach(&self, mut request: HttpRequest) -> Result<HttpRequest, Box<dyn Error>> {
        if let Some(user) = &self.user {
            let (user, password) = user.split_once(':').unwrap_or((user, ""));
            let mode = if self.digest {
                AuthMode::Digest
            } else {
                AuthMode::Basic
            };
            request = request.auth(user, password).auth_mode(mode);
        }
        if let Some(proxy) = &self.proxy {
            request = request.proxy(Proxy::parse(proxy)?);
        }
        if let Some(file) = &self.ca {
            request = request.ca_certs(file);
        }
        if self.insecure {
            request = request.validate_cert(false);
        }
        if let Some(path) = &self.unix_socket {
            request = request.unix_socket(path);
        }
        Ok(request)
    }
}
