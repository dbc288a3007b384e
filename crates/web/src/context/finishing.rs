//! What an application does to every response on its way out.

use super::Context;
use super::compress::Piece;
use crate::error::Result;

impl<S> Context<S> {
    /// Changes a response that is about to be completed.
    #[cold]
    pub(super) fn transform_last(&mut self) -> Result {
        if self.exchange.is_finished() {
            return Ok(());
        }
        if self.site.transforms.etag && !self.exchange.head_sent() {
            self.tag_whole()?;
        }
        self.compress(Piece::Last)
    }

    /// Changes what is about to be flushed.
    #[cold]
    pub(super) fn transform_piece(&mut self) -> Result {
        if self.exchange.is_finished() {
            return Ok(());
        }
        self.compress(Piece::More)
    }
}
