//! What stands for templates where the feature `templates` is off.

use std::marker::PhantomData;

/// What a response keeps for the page it renders.
pub(crate) type PageParts = Option<()>;

/// Templates, modules and further values: none.
pub(crate) struct Rendering<S>(PhantomData<S>);

impl<S> Rendering<S> {
    #[expect(clippy::needless_pass_by_ref_mut, reason = "with templates it is used")]
    pub(crate) fn start(&mut self, _debug: bool) {}
}

impl<S> Default for Rendering<S> {
    fn default() -> Self {
        Self(PhantomData)
    }
}
