//! The languages an application answers in.

use std::cell::RefCell;
use std::rc::Rc;

use crate::context::Context;
use crate::locale::Locales;

type Choose<S> = dyn Fn(&mut Context<S>) -> Option<String>;

/// The locales, and what asks for the user's choice.
pub(crate) struct Languages<S> {
    locales: RefCell<Locales>,
    choose: Option<Rc<Choose<S>>>,
}

impl<S> Languages<S> {
    pub(crate) fn replace(&self, locales: Locales) {
        self.locales.replace(locales);
    }

    pub(crate) fn choose_by(
        &mut self,
        choose: impl Fn(&mut Context<S>) -> Option<String> + 'static,
    ) {
        self.choose = Some(Rc::new(choose));
    }

    pub(crate) fn choose(&self) -> Option<Rc<Choose<S>>> {
        self.choose.clone()
    }

    /// Returns the locales. Under `debug` files that changed are read again; wrong ones are logged, and
    /// what was there before stays.
    pub(crate) fn locales(&self, debug: bool) -> Locales {
        if debug {
            let reloaded = self.locales.borrow().reload();
            match reloaded {
                Some(Ok(locales)) => self.replace(locales),
                Some(Err(error)) => {
                    tracing::error!(target: "waterspout::application", "{error}");
                }
                None => {}
            }
        }
        self.locales.borrow().clone()
    }
}

impl<S> Default for Languages<S> {
    fn default() -> Self {
        Self {
            locales: RefCell::default(),
            choose: None,
        }
    }
}
