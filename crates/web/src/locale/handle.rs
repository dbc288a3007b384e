use std::fmt;
use std::sync::Arc;

use super::catalogue::Catalogue;
use super::code::language;
use super::names_table::NAMES;

/// A language, with its translations. Copies are cheap.
///
/// Texts are looked up as they stand in the program; one without a translation is its own.
///
/// # Examples
///
/// ```
/// use waterspout::locale::{Locales, fill};
///
/// let spanish = "Sign out,Salir\n%(n)d liked this,A %(n)d les gustó esto,plural\n";
/// let locales = Locales::new().with_csv("es_LA", spanish)?;
/// let locale = locales.closest(["es-MX", "es_LA"]);
/// assert_eq!(locale.translate("Sign out"), "Salir");
/// let liked = locale.translate_plural("%(n)d liked this", "%(n)d liked this", 2);
/// assert_eq!(fill(liked, &[("n", "2")]), "A 2 les gustó esto");
/// # Ok::<(), waterspout::Error>(())
/// ```
#[derive(Clone)]
pub struct Locale(Arc<Inner>);

struct Inner {
    code: String,
    catalogue: Catalogue,
}

impl Locale {
    pub(super) fn new(code: impl Into<String>, catalogue: Catalogue) -> Self {
        let code = code.into();
        Self(Arc::new(Inner { code, catalogue }))
    }

    /// Returns the code, such as `en_US`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// Returns the name in the language itself, such as `Español`; `Unknown` where none is known.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.names().map_or("Unknown", |(_, _, own)| own)
    }

    /// Returns the English name, such as `Spanish`; `Unknown` where none is known.
    #[must_use]
    pub fn english_name(&self) -> &'static str {
        self.names().map_or("Unknown", |(_, english, _)| english)
    }

    /// Tells whether the language is written from right to left.
    #[must_use]
    pub fn is_rtl(&self) -> bool {
        let languages = [
            "ar", "ckb", "dv", "fa", "he", "iw", "ps", "sd", "ug", "ur", "yi",
        ];
        languages.contains(&language(self.code()))
    }

    /// Returns the translation of a text.
    #[must_use]
    pub fn translate<'a>(&'a self, message: &'a str) -> &'a str {
        self.0.catalogue.text(None, message).unwrap_or(message)
    }

    /// Returns the translation that belongs to a number: of `message` for one thing, of `plural` for
    /// more, and of all other forms the language has.
    #[must_use]
    pub fn translate_plural<'a>(
        &'a self,
        message: &'a str,
        plural: &'a str,
        count: u64,
    ) -> &'a str {
        let found = self.0.catalogue.plural(None, message, plural, count);
        found.unwrap_or(if count == 1 { message } else { plural })
    }

    /// Returns the translation of a text in a context, which tells apart what only looks the same:
    /// gettext's `pgettext`.
    ///
    /// CSV files know no contexts: there the context is ignored, and a warning logged.
    #[must_use]
    pub fn pgettext<'a>(&'a self, context: &str, message: &'a str) -> &'a str {
        let context = self.known_context(context);
        self.0.catalogue.text(context, message).unwrap_or(message)
    }

    /// Returns the translation in a context that belongs to a number: gettext's `npgettext`.
    #[must_use]
    pub fn npgettext<'a>(
        &'a self,
        context: &str,
        message: &'a str,
        plural: &'a str,
        count: u64,
    ) -> &'a str {
        let context = self.known_context(context);
        let found = self.0.catalogue.plural(context, message, plural, count);
        found.unwrap_or(if count == 1 { message } else { plural })
    }

    fn known_context<'a>(&self, context: &'a str) -> Option<&'a str> {
        if self.0.catalogue.knows_contexts() {
            return Some(context);
        }
        tracing::warn!(
            target: "waterspout::general",
            "pgettext is not supported by translations of CSV files: {context:?} is ignored"
        );
        None
    }

    fn names(&self) -> Option<(&'static str, &'static str, &'static str)> {
        let found = NAMES.binary_search_by_key(&self.code(), |(code, _, _)| code);
        // A language alone has the name of its first region.
        let position = found.unwrap_or_else(|next| next);
        let names = NAMES.get(position).copied()?;
        let is_known = found.is_ok() || language(names.0) == self.code();
        is_known.then_some(names)
    }
}

/// English of the United States, without translations.
impl Default for Locale {
    fn default() -> Self {
        Self::new("en_US", Catalogue::None)
    }
}

/// Two locales are equal if their codes are.
impl PartialEq for Locale {
    fn eq(&self, other: &Self) -> bool {
        self.code() == other.code()
    }
}

impl Eq for Locale {}

impl fmt::Debug for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Locale").field(&self.0.code).finish()
    }
}

/// Writes the code.
impl fmt::Display for Locale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locale(code: &str) -> Locale {
        Locale::new(code, Catalogue::None)
    }

    #[test]
    fn locales_know_their_names_and_direction() {
        assert_eq!(locale("es_LA").name(), "Español");
        assert_eq!(locale("zh_TW").english_name(), "Chinese (Traditional)");
        assert_eq!(locale("fa").name(), "فارسی");
        assert_eq!(locale("xx_YY").name(), "Unknown");
        assert_eq!(locale("zzz").name(), "Unknown");
        assert!(locale("fa_IR").is_rtl() && locale("ar").is_rtl() && locale("he_IL").is_rtl());
        assert!(!locale("en_US").is_rtl() && !locale("far").is_rtl());
    }

    #[test]
    fn texts_without_translation_are_their_own() {
        let locale = Locale::default();
        assert_eq!(locale.translate("school"), "school");
        assert_eq!(locale.translate_plural("one", "many", 1), "one");
        assert_eq!(locale.translate_plural("one", "many", 0), "many");
        assert_eq!(locale.npgettext("law", "right", "rights", 2), "rights");
    }
}
