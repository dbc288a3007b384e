//! The language of the answer.

use super::Context;
use crate::locale::{Locale, Locales, accepted_codes};

impl<S> Context<S> {
    /// Returns the locale of this request: the one that was [set](Self::set_locale), else the one the
    /// user has [chosen](crate::Application::user_locale), else that of the browser.
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
        let chosen = self.site.languages.choose().and_then(|choose| choose(self));
        let chosen = chosen.and_then(|code| self.locales().find([&*code]));
        let locale = chosen.unwrap_or_else(|| self.browser_locale());
        self.set_locale(locale.clone());
        locale
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
