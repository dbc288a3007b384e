//! Connections that may be encrypted, for the rows about memory.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;
use std::sync::Arc;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::connect;
use crate::options::Options;
use crate::websocket;

/// How connections are opened.
pub(crate) enum Opening {
    Plain,
    Tls(Arc<ClientConfig>),
}

/// A stream that is read and written without asking what it is.
pub(crate) trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

impl Opening {
    /// Reads the certificate, if there is one.
    ///
    /// # Errors
    ///
    /// When it cannot be read.
    pub(crate) fn new(options: &Options) -> Result<Self> {
        let Some(path) = &options.tls else {
            return Ok(Self::Plain);
        };
        let certificate = CertificateDer::from_pem_file(path).map_err(Error::other)?;
        let mut trusted = RootCertStore::empty();
        trusted.add(certificate).map_err(Error::other)?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(Error::other)?
            .with_root_certificates(trusted)
            .with_no_client_auth();
        Ok(Self::Tls(Arc::new(config)))
    }

    /// Opens connection number `index` and, for WebSockets, its handshake.
    ///
    /// # Errors
    ///
    /// When the server does not accept it.
    pub(crate) fn ready(&self, options: &Options, index: u64) -> Result<Box<dyn Stream>> {
        let Self::Tls(config) = self else {
            return Ok(Box::new(connect::ready(options, index)?));
        };
        let stream = connect::blocking(options.target, index)?;
        let mut stream = encrypted(stream, config)?;
        if options.websocket.is_some() {
            websocket::open(&mut stream, options)?;
        }
        Ok(Box::new(stream))
    }
}

fn encrypted(
    stream: TcpStream,
    config: &Arc<ClientConfig>,
) -> Result<StreamOwned<ClientConnection, TcpStream>> {
    let name = ServerName::try_from("localhost").map_err(Error::other)?;
    let connection = ClientConnection::new(Arc::clone(config), name).map_err(Error::other)?;
    Ok(StreamOwned::new(connection, stream))
}
