//! The languages of an application.

use super::Application;
use crate::context::Context;
use crate::locale::Locales;

impl<S: 'static> Application<S> {
    /// Gives the application its languages. Default: English, without translations.
    ///
    /// Which one a request gets says [`Context::locale`](crate::Context::locale). Under
    /// [`debug`](Self::debug), files of translations that changed are read again.
    pub fn locales(self, locales: Locales) -> Self {
        self.languages.replace(locales);
        self
    }

    /// Finds out which language a user has chosen: a code such as `es_LA`, or `None` to let the
    /// browser decide. It is Tornado's `get_user_locale`. Default: `None`.
    ///
    /// A choice that takes a look into a database is made in a middleware, with
    /// [`Context::set_locale`](crate::Context::set_locale).
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context};
    ///
    /// let app = Application::new(()).user_locale(|cx: &mut Context| cx.cookie("language"));
    /// # drop(app);
    /// ```
    pub fn user_locale(
        mut self,
        choose: impl Fn(&mut Context<S>) -> Option<String> + 'static,
    ) -> Self {
        self.languages.choose_by(choose);
        self
    }
}
