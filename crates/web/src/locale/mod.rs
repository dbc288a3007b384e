//! Languages: translations from CSV files or gettext catalogues, the choice of a locale for a request,
//! and dates, numbers and lists as each language writes them. Tornado's `tornado.locale`.
//!
//! [`Locales`] holds what can be chosen and is given to
//! [`Application::locales`](crate::Application::locales); [`Context::locale`](crate::Context::locale) is the
//! [`Locale`] of one request.
//!
//! Catalogues are files of the program, and are read as if they were not: each offset, size and quote is
//! checked, and what is wrong is a [`LocaleError`] that names the file and the place.

mod accept;
mod calendar;
mod catalogue;
mod code;
mod csv;
mod error;
mod fill;
mod format;
mod handle;
mod load;
mod locales;
mod mo;
mod names_table;
mod plural;

pub(crate) use accept::accepted_codes;
pub use error::LocaleError;
pub use fill::fill;
#[cfg(feature = "templates")]
pub(crate) use fill::fill_with;
pub use format::DateFormat;
pub use handle::Locale;
pub use locales::Locales;
