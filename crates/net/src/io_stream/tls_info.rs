//! What was agreed in a TLS handshake.

/// What was agreed in the TLS handshake of a stream, from [`IoStream::tls_info`].
///
/// [`IoStream::tls_info`]: super::IoStream::tls_info
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TlsInfo {
    /// The version of the protocol, such as `TLSv1_3`.
    pub version: String,
    /// The cipher suite, such as `TLS13_AES_256_GCM_SHA384`.
    pub cipher_suite: String,
    /// The protocol that was chosen by ALPN, such as `http/1.1`; `None` if none was.
    pub alpn: Option<String>,
    /// The name that the client asked for by SNI; `None` if it named none, and on the client.
    pub server_name: Option<String>,
    /// The certificates of the peer in DER, its own first; on a server empty, unless clients are
    /// asked for certificates.
    pub peer_certificates: Vec<Vec<u8>>,
    /// Whether an earlier session was resumed.
    pub resumed: bool,
}

impl TlsInfo {
    #[cfg_attr(not(feature = "tls"), expect(dead_code, reason = "TLS is a feature"))]
    pub(crate) fn new(version: String, cipher_suite: String) -> Self {
        Self {
            version,
            cipher_suite,
            alpn: None,
            server_name: None,
            peer_certificates: Vec::new(),
            resumed: false,
        }
    }
}
