use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::catalogue::Catalogue;
use super::code::{language, normalise};
use super::error::LocaleError;
use super::handle::Locale;
use super::load::{Source, Stamp};

/// The locales an application has, and the one that is taken where none of them fits.
///
/// Copies share the translations, also between threads.
///
/// # Examples
///
/// ```no_run
/// use waterspout::locale::Locales;
/// use waterspout::{Application, Context};
///
/// // translations/es_LA.csv, translations/fr_FR.csv, …
/// let locales = Locales::load_csv("translations")?;
/// let app = Application::new(())
///     .locales(locales)
///     .get("/", async |cx: &mut Context| cx.locale().translate("Welcome").to_owned());
/// # drop(app);
/// # Ok::<(), waterspout::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Locales {
    inner: Arc<Inner>,
}

#[derive(Debug, Clone)]
struct Inner {
    locales: BTreeMap<String, Locale>,
    default: Locale,
    source: Option<(Source, Stamp)>,
    /// Those that are of no file, and stay when files are read again.
    added: Vec<Locale>,
}

impl Locales {
    /// Creates a set with the default locale alone: `en_US`, in which every text is its own
    /// translation.
    #[must_use]
    pub fn new() -> Self {
        let default = Locale::default();
        Self::of(Inner {
            locales: BTreeMap::from([(default.code().to_owned(), default.clone())]),
            default,
            source: None,
            added: Vec::new(),
        })
    }

    /// Loads the CSV files of a directory, named by locale: `es_LA.csv`, `fr.csv`.
    ///
    /// A line is a text, its translation, and for texts that belong to numbers `singular` or `plural`.
    /// Files are UTF-8, or UTF-16 with a byte order mark. It is Tornado's `load_translations`; a file
    /// whose name is no locale is left out, with an error in the log.
    ///
    /// # Errors
    ///
    /// Fails if the directory or a file cannot be read, and if a file is malformed: the error names
    /// file, line and reason.
    pub fn load_csv(directory: impl AsRef<Path>) -> Result<Self, LocaleError> {
        Self::load(Source::Csv {
            directory: directory.as_ref().to_owned(),
        })
    }

    /// Loads the `.mo` files of a domain in gettext's layout: `DIRECTORY/es/LC_MESSAGES/DOMAIN.mo`.
    ///
    /// It is Tornado's `load_gettext_translations`.
    ///
    /// # Errors
    ///
    /// Fails if the directory or a file cannot be read, and if a file is malformed or is not in
    /// UTF-8: the error names file and reason.
    pub fn load_gettext(directory: impl AsRef<Path>, domain: &str) -> Result<Self, LocaleError> {
        Self::load(Source::Gettext {
            directory: directory.as_ref().to_owned(),
            domain: domain.to_owned(),
        })
    }

    /// Adds a locale whose translations are the text of a CSV file, such as one that is part of the
    /// program by `include_bytes!`.
    ///
    /// # Errors
    ///
    /// Fails if the code is none or the file is malformed.
    pub fn with_csv(self, code: &str, file: impl AsRef<[u8]>) -> Result<Self, LocaleError> {
        let catalogue = Catalogue::from_csv(file.as_ref()).map_err(|error| error.at(code))?;
        self.with(code, catalogue)
    }

    /// Adds a locale whose translations are the content of a `.mo` file.
    ///
    /// # Errors
    ///
    /// Fails if the code is none or the file is malformed.
    pub fn with_mo(self, code: &str, file: impl AsRef<[u8]>) -> Result<Self, LocaleError> {
        let catalogue = Catalogue::from_mo(file.as_ref()).map_err(|error| error.at(code))?;
        self.with(code, catalogue)
    }

    /// Chooses the locale that is taken where none fits. Default: `en_US`.
    ///
    /// One that has no translations is added without: its texts are those of the program.
    ///
    /// # Errors
    ///
    /// Fails if the code is none.
    pub fn default_locale(self, code: &str) -> Result<Self, LocaleError> {
        let code = valid(code)?;
        let mut inner = self.take();
        let default = inner.locales.entry(code.clone());
        inner.default = default
            .or_insert_with(|| Locale::new(code, Catalogue::None))
            .clone();
        Ok(Self::of(inner))
    }

    /// Returns the codes of all locales, sorted. It is Tornado's `get_supported_locales`.
    pub fn codes(&self) -> impl Iterator<Item = &str> {
        self.inner.locales.keys().map(String::as_str)
    }

    /// Returns the locale of a code, in any of its spellings: `es_LA`, `es-la`.
    #[must_use]
    pub fn get(&self, code: &str) -> Option<Locale> {
        self.inner.locales.get(&normalise(code)?).cloned()
    }

    /// Returns the locale of the first code that there is one for, by language and region or by
    /// language alone; the default if there is none. It is Tornado's `locale.get`.
    #[must_use]
    pub fn closest<'a>(&self, codes: impl IntoIterator<Item = &'a str>) -> Locale {
        let found = self.find(codes);
        found.unwrap_or_else(|| self.inner.default.clone())
    }

    /// The same, without the default.
    pub(crate) fn find<'a>(&self, codes: impl IntoIterator<Item = &'a str>) -> Option<Locale> {
        let codes = codes.into_iter().filter_map(normalise);
        let mut found = codes.filter_map(|code| {
            let exact = self.inner.locales.get(&code);
            exact.or_else(|| self.inner.locales.get(language(&code)))
        });
        found.next().cloned()
    }

    /// Returns the default locale.
    #[must_use]
    pub fn fallback(&self) -> &Locale {
        &self.inner.default
    }

    /// Loads the files again if one of them has changed; `None` if none has.
    pub(crate) fn reload(&self) -> Option<Result<Self, LocaleError>> {
        let (source, stamp) = self.inner.source.as_ref()?;
        if source.stamp().ok()? == *stamp {
            return None;
        }
        let loaded = Self::load(source.clone()).map(|mut new| {
            for locale in &self.inner.added {
                new = new.adding(locale.clone());
            }
            new
        });
        Some(loaded.and_then(|new| new.default_locale(self.inner.default.code())))
    }

    fn load(source: Source) -> Result<Self, LocaleError> {
        // Taken first, so that a change during the loading is seen later.
        let stamp = source.stamp()?;
        let mut locales = Self::new();
        for (code, catalogue) in source.read()? {
            locales = locales.with(&code, catalogue)?;
        }
        let mut inner = locales.take();
        inner.added.clear();
        inner.source = Some((source, stamp));
        Ok(Self::of(inner))
    }

    fn with(self, code: &str, catalogue: Catalogue) -> Result<Self, LocaleError> {
        Ok(self.adding(Locale::new(valid(code)?, catalogue)))
    }

    fn adding(self, locale: Locale) -> Self {
        let mut inner = self.take();
        if inner.default.code() == locale.code() {
            inner.default = locale.clone();
        }
        inner.added.retain(|known| known.code() != locale.code());
        inner.added.push(locale.clone());
        inner.locales.insert(locale.code().to_owned(), locale);
        Self::of(inner)
    }

    fn of(inner: Inner) -> Self {
        Self {
            inner: Arc::new(inner),
        }
    }

    fn take(self) -> Inner {
        Arc::unwrap_or_clone(self.inner)
    }
}

impl Default for Locales {
    fn default() -> Self {
        Self::new()
    }
}

fn valid(code: &str) -> Result<String, LocaleError> {
    let problem = || LocaleError::new(format!("{code:?} is no code of a locale, such as es_LA"));
    normalise(code).ok_or_else(problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn locales() -> Locales {
        let locales = Locales::new().with_csv("es", "a,uno\n").unwrap();
        locales.with_csv("fr_CA", "a,un\n").unwrap()
    }

    #[test]
    fn the_closest_locale_is_found() {
        let locales = locales();
        let closest = |codes: &[&str]| locales.closest(codes.iter().copied()).code().to_owned();
        assert_eq!(closest(&["es-MX"]), "es");
        assert_eq!(closest(&["fr-ca", "es"]), "fr_CA");
        assert_eq!(closest(&["fr", "es"]), "es");
        assert_eq!(closest(&["fr_FR"]), "en_US");
        assert_eq!(closest(&["", "*", "../../etc", "x"]), "en_US");
        assert_eq!(closest(&[]), "en_US");
    }

    #[test]
    fn the_default_can_be_chosen() {
        let locales = locales().default_locale("es").unwrap();
        assert_eq!(locales.closest(["de"]).translate("a"), "uno");
        let locales = locales.default_locale("de-at").unwrap();
        assert_eq!(locales.closest(["xx"]).code(), "de_AT");
        assert_eq!(
            locales.codes().collect::<Vec<_>>(),
            ["de_AT", "en_US", "es", "fr_CA"]
        );
        assert!(locales.clone().default_locale("no locale").is_err());
        assert!(locales.get("FR-CA").is_some() && locales.get("fr").is_none());
    }
}
