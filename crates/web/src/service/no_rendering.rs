//! What stands for templates where the feature `templates` is off.

use std::marker::PhantomData;

/// What a response keeps for the page it renders.
#[derive(Default)]
pub(crate) struct PageParts;

/// Templates, modules and further values: none.
pub(crate) struct Rendering<S>(PhantomData<S>);

impl<S> Rendering<S> {
    pub(crate) fn start(&mut self, _debug: bool) {}
}

impl<S> Default for Rendering<S> {
    fn default() -> Self {
        Self(PhantomData)
    }
}
