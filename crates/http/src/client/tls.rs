//! TLS on a connection of the client.

use std::cell::RefCell;
use std::collections::HashMap;
use std::fmt;

use waterspout_net::{IoStream, TlsClientConfig, TlsConnector};

use super::connect::failed;
use super::error::FetchError;
use super::pool::Key;
use super::request::TlsOptions;

/// One connector for all requests of the same settings: reading certificates takes time.
#[derive(Default)]
pub(super) struct Tls {
    connectors: RefCell<HashMap<TlsOptions, TlsConnector>>,
}

impl Tls {
    /// TLS is there.
    #[expect(clippy::unnecessary_wraps, reason = "the same face as where it is not")]
    pub(super) fn check(&self) -> Result<(), FetchError> {
        Ok(())
    }

    /// Shakes hands. Names are verified always, unless `validate_cert` is off.
    pub(super) async fn secure(&self, stream: IoStream, key: &Key) -> Result<IoStream, FetchError> {
        let place = || format!("{}:{} with TLS", key.host, key.port);
        let usual = TlsOptions::default();
        let options = key.reach.as_ref().map_or(&usual, |reach| &reach.tls);
        let connector = self
            .connector(options)
            .map_err(|error| failed(place(), error))?;
        let name = options.server_name.as_ref().unwrap_or(&key.host);
        let secured = connector.connect(stream, name).await;
        secured.map_err(|error| failed(place(), error))
    }

    fn connector(&self, options: &TlsOptions) -> Result<TlsConnector, waterspout_net::TlsError> {
        if let Some(connector) = self.connectors.borrow().get(options) {
            return Ok(connector.clone());
        }
        let mut config = TlsClientConfig::default()
            .alpn(["http/1.1"])
            .verify(options.validate_cert);
        if let Some(file) = &options.ca_certs {
            config = config.ca_file(file);
        }
        if let Some(certificate) = &options.client_cert {
            let key = options.client_key.as_ref().unwrap_or(certificate);
            config = config.certificate(certificate, key);
        }
        let connector = TlsConnector::new(&config)?;
        self.connectors
            .borrow_mut()
            .insert(options.clone(), connector.clone());
        Ok(connector)
    }
}

impl fmt::Debug for Tls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tls").finish_non_exhaustive()
    }
}
