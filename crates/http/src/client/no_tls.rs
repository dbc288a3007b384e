//! What stands in for TLS where it is not built in.

use waterspout_net::IoStream;

use super::error::FetchError;
use super::pool::Key;

#[derive(Debug, Default)]
pub(super) struct Tls {}

impl Tls {
    /// Refuses https before anything is connected to.
    pub(super) fn check(&self) -> Result<(), FetchError> {
        Err(no_tls())
    }

    #[expect(
        clippy::unused_async,
        reason = "the same face as the one that shakes hands"
    )]
    pub(super) async fn secure(
        &self,
        _stream: IoStream,
        _key: &Key,
    ) -> Result<IoStream, FetchError> {
        Err(no_tls())
    }
}

fn no_tls() -> FetchError {
    FetchError::request("https needs TLS: build with the feature tls-ring or tls-aws-lc")
}
