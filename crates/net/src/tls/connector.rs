//! The client's side of TLS.

use std::fmt;
use std::future::poll_fn;
use std::io;
use std::sync::Arc;

use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};

use super::any_certificate::AnyCertificate;
use super::error::Kind;
use super::provider::provider;
use super::session::Session;
use super::stream::Encrypted;
use super::{TlsClientConfig, TlsError, files};
use crate::IoStream;
use crate::io_stream::Transport;

/// Opens TLS to servers, and resumes sessions with those it has spoken to before.
///
/// Cloning gives another handle with the same sessions.
#[derive(Clone)]
pub struct TlsConnector {
    client: Arc<ClientConfig>,
}

impl TlsConnector {
    /// Reads the files of `config`, or the certificates that the machine trusts. This may take
    /// some milliseconds: make one and use it again.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] that names the file and says what to do.
    pub fn new(config: &TlsClientConfig) -> Result<Self, TlsError> {
        let provider = provider()?;
        let settings = |error| TlsError::because(Kind::Settings, error);
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(settings)?;
        let builder = if config.verify {
            builder.with_root_certificates(trusted(config)?)
        } else {
            let any = Arc::new(AnyCertificate(Arc::clone(&provider)));
            builder.dangerous().with_custom_certificate_verifier(any)
        };
        let mut client = match &config.certificate {
            None => builder.with_no_client_auth(),
            Some(pair) => {
                pair.load(&provider)?;
                let chain = files::certificates(&pair.certificate)?;
                let key = files::private_key(&pair.key)?;
                builder
                    .with_client_auth_cert(chain, key)
                    .map_err(settings)?
            }
        };
        client.alpn_protocols = config.alpn.iter().map(|name| name.clone().into()).collect();
        Ok(Self {
            client: Arc::new(client),
        })
    }

    /// Encrypts `stream` and checks that the server has a certificate for `server_name`, a host
    /// name, which is sent by SNI, or an IP address.
    ///
    /// # Errors
    ///
    /// A [`TlsError`] if octets are still buffered, or if the handshake fails. The connection is
    /// closed then.
    ///
    /// # Cancel safety
    ///
    /// Not cancel safe: dropping the future closes the connection.
    pub async fn connect(
        &self,
        mut stream: IoStream,
        server_name: &str,
    ) -> Result<IoStream, TlsError> {
        stream.check_idle()?;
        let bare = server_name.trim_start_matches('[').trim_end_matches(']');
        let name = ServerName::try_from(bare.trim_end_matches('.').to_owned())
            .map_err(|error| TlsError::because(Kind::BadName(server_name.to_owned()), error))?;
        let failed = |error| TlsError::because(Kind::Connect(server_name.to_owned()), error);
        let session = Session::client(&self.client, name)
            .map_err(|error| failed(io::Error::new(io::ErrorKind::InvalidInput, error)))?;
        let (socket, _) = stream.take_transport();
        let mut encrypted = Box::new(Encrypted::new(session, socket));
        poll_fn(|cx| encrypted.poll_handshake(cx))
            .await
            .map_err(failed)?;
        stream.set_transport(Transport::Tls(encrypted));
        Ok(stream)
    }
}

impl fmt::Debug for TlsConnector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TlsConnector").finish_non_exhaustive()
    }
}

fn trusted(config: &TlsClientConfig) -> Result<RootCertStore, TlsError> {
    if let Some(path) = &config.ca_file {
        return files::roots(path);
    }
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    // Machines have some that are malformed; the others count.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(TlsError::new(Kind::NoRoots));
    }
    Ok(roots)
}
