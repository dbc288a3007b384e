//! The server's side of TLS.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerifier;

use super::certificates::Certificates;
use super::error::Kind;
use super::provider::{provider, ticketer};
use super::session::Session;
use super::stream::Encrypted;
use super::{ClientCertificates, TlsError, TlsServerConfig, files, reload};
use crate::io_stream::Transport;
use crate::tcp::{Handshake, Shaking};
use crate::{IoStream, PeerAddr};

/// Accepts TLS from clients, with certificates that can be changed while it does.
///
/// Cloning gives another handle of the same certificates; threads and forked processes may share it.
///
/// # Examples
///
/// ```no_run
/// use waterspout_net::{IoLoop, IoStream, PeerAddr, TcpServer, TlsAcceptor, TlsServerConfig};
///
/// async fn greet(mut stream: IoStream, _peer: PeerAddr) {
///     _ = stream.write(b"hello in secret\n").await;
/// }
///
/// fn main() -> std::io::Result<()> {
///     let tls = TlsAcceptor::new(&TlsServerConfig::new("cert.pem", "key.pem"))?;
///     let io_loop = IoLoop::new()?;
///     io_loop.run_sync(async { TcpServer::new(greet).handshake(tls).listen(8443) })?;
///     io_loop.start();
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct TlsAcceptor {
    server: Arc<ServerConfig>,
    certificates: Arc<Certificates>,
    reload_interval: Option<Duration>,
}

impl TlsAcceptor {
    /// Reads the files of `config`, and checks that they can be used.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] that names the file and says what to do: it cannot be read, has no certificate
    /// or key in it, or the two do not belong together.
    pub fn new(config: &TlsServerConfig) -> Result<Self, TlsError> {
        let provider = provider()?;
        let certificates = Arc::new(Certificates::load(
            config.default.clone(),
            config.named.clone(),
            Arc::clone(&provider),
        )?);
        let settings = |error| TlsError::because(Kind::Settings, error);
        let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(settings)?;
        let builder = match verifier(&config.client_certificates, provider)? {
            Some(verifier) => builder.with_client_cert_verifier(verifier),
            None => builder.with_no_client_auth(),
        };
        let mut server = builder.with_cert_resolver(Arc::clone(&certificates) as _);
        server.alpn_protocols = config.alpn.iter().map(|name| name.clone().into()).collect();
        server.ticketer = ticketer().map_err(settings)?;
        server.session_storage = Arc::new(rustls::server::NoServerSessionStorage {});
        Ok(Self {
            server: Arc::new(server),
            certificates,
            reload_interval: config.reload_interval,
        })
    }

    /// Waits for the handshake of a client on `stream` and returns the stream encrypted.
    ///
    /// It waits for as long as the client likes: bound it with a timeout. What is buffered already
    /// is taken for the beginning of the handshake; in mid-conversation use
    /// [`IoStream::start_tls_server`].
    ///
    /// # Errors
    ///
    /// A [`TlsError`] if the handshake fails. The connection is closed then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future closes the connection.
    pub async fn accept(&self, mut stream: IoStream) -> Result<IoStream, TlsError> {
        let (socket, ahead) = stream.take_transport();
        let session = Session::server(&self.server, ahead)
            .map_err(|error| TlsError::because(Kind::Settings, error))?;
        let mut encrypted = Box::new(Encrypted::new(session, socket));
        poll_fn(|cx| encrypted.poll_handshake(cx))
            .await
            .map_err(|error| TlsError::because(Kind::Accept, error))?;
        stream.set_transport(Transport::Tls(encrypted));
        Ok(stream)
    }

    /// Reads the certificate and key files anew; connections that are open stay as they are.
    ///
    /// Servers do this by themselves, at SIGHUP and when the files change.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] if a file cannot be used; all stays as it was then.
    pub fn reload(&self) -> Result<(), TlsError> {
        self.certificates.reload()
    }
}

impl Handshake for TlsAcceptor {
    fn shake(&self, stream: IoStream, peer: PeerAddr) -> Shaking {
        let acceptor = self.clone();
        Box::pin(async move {
            let stream = acceptor.accept(stream).await.map_err(io::Error::from)?;
            Ok((stream, peer))
        })
    }

    fn watch(&self) -> Option<Pin<Box<dyn Future<Output = ()>>>> {
        let certificates = Arc::clone(&self.certificates);
        Some(Box::pin(reload::watch(certificates, self.reload_interval)))
    }
}

impl fmt::Debug for TlsAcceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsAcceptor").finish_non_exhaustive()
    }
}

fn verifier(
    policy: &ClientCertificates,
    provider: Arc<rustls::crypto::CryptoProvider>,
) -> Result<Option<Arc<dyn ClientCertVerifier>>, TlsError> {
    let (path, optional) = match policy {
        ClientCertificates::Ignored => return Ok(None),
        ClientCertificates::Optional(path) => (path, true),
        ClientCertificates::Required(path) => (path, false),
    };
    let roots = Arc::new(files::roots(path)?);
    let mut builder = WebPkiClientVerifier::builder_with_provider(roots, provider);
    if optional {
        builder = builder.allow_unauthenticated();
    }
    let built = builder.build();
    built
        .map(Some)
        .map_err(|error| TlsError::because(Kind::BadCertificate(path.clone()), error))
}
