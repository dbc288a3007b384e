//! The language of the answer.

use std::rc::Rc;

use super::Context;
use crate::locale::{Locale, Locales, accepted_codes};

impl<S> Context<S> {
    /// Returns the locale of this request: the one that was [set](Self::set_locale), else the one the
    /// user has [chosen](crate::Application::user_locale), for which a class may have a
    /// [method](crate::RequestHandler::user_locale) of its own, else that of the browser.
    ///
    /// It is found when somebody first asks, and kept for the request.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::Context;
    ///
    /// async fn greet(cx: &mut Context) -> String {
    ///     cx.locale().translate("Welcome").to_owned()
    /// }
    /// ```
    pub fn locale(&mut self) -> Locale {
        let known = self.more.as_ref().and_then(|more| more.locale.clone());
        if let Some(locale) = known {
            return locale;
        }
        let locale = self.chosen_locale();
        let locale = locale.unwrap_or_else(|| self.browser_locale());
        self.set_locale(locale.clone());
        locale
    }

    /// What the class of the handler, or the application, says that the user has chosen.
    fn chosen_locale(&mut self) -> Option<Locale> {
        let site = Rc::clone(&self.site);
        let class = site.class_hooks(self.target);
        let by_class = class.and_then(|class| class.user_locale(self));
        let found = by_class.and_then(|code| self.locales().find([&*code]));
        if found.is_some() {
            return found;
        }
        let code = site.languages.choose()?(self)?;
        self.locales().find([&*code])
    }

    /// Sets the locale of this request.
    pub fn set_locale(&mut self, locale: Locale) {
        self.more().locale = Some(locale);
    }

    /// Returns the locale the browser asks for by `Accept-Language`: the first that there is one
    /// for, or the default. It is Tornado's `get_browser_locale`.
    #[must_use]
    pub fn browser_locale(&self) -> Locale {
        let locales = self.locales();
        match self.header("Accept-Language") {
            Some(field) => locales.closest(accepted_codes(field)),
            None => locales.fallback().clone(),
        }
    }

    /// Returns the locales of the application.
    #[must_use]
    pub fn locales(&self) -> Locales {
        self.site.languages.locales(self.site.debug)
    }
}
