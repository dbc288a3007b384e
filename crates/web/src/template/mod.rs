//! Templates: pages with inheritance, blocks, includes, macros and UI modules, by the engine minijinja,
//! whose language is that of Jinja2.
//!
//! [`Templates`] says where they are and is given to
//! [`Application::templates`](crate::Application::templates). A handler calls
//! [`Context::render`](crate::Context::render) with the values of [`context!`](crate::context).
//!
//! # What templates can use
//!
//! | name | what |
//! |---|---|
//! | `request` | `method`, `uri`, `path`, `query`, `host`, `protocol`, `remote_ip`, `full_url`, `headers["Name"]` |
//! | `locale` | the [`Locale`](crate::locale::Locale): `code`, `name`, `rtl`, and its methods |
//! | `_("text")`, `gettext` | the translation; named arguments fill `%(name)s` in |
//! | `ngettext("one", "many", count)`, `pgettext("context", "text")`, `npgettext` | the same by number and context |
//! | `static_url("app.css")`, `reverse_url("story", 7)` | URLs of files and of named routes |
//! | `module("Entry", entry)` | a [`UiModule`], and its CSS and JavaScript once in the page |
//! | `xsrf_form_html()`, `xsrf_token()` | the field that every form needs, and its value |
//! | `current_user` | the user, as [`template_user`](crate::Application::template_user) says |
//! | `path("id")`, `argument("q")`, `cookie("name")` | what the request says; none if it says nothing |
//! | filters `url_escape`, `json_encode`, `squeeze`, `linkify`, `xhtml_escape` | those of [`escape`](crate::escape) |
//!
//! Values that a handler gives come before these, and
//! [`template_namespace`](crate::Application::template_namespace) adds more.
//!
//! # Escaping
//!
//! `{{ value }}` is escaped by the extension of the template: as HTML, unless the name ends in `.txt`, `.md`,
//! `.csv` or `.css` (not escaped) or in `.json` or `.js` (written as JSON). `{{ value|safe }}` is written as
//! it is.

mod engine;
mod error;
mod filters;
mod functions;
mod locale_object;
mod module;
mod name;
mod page;
mod parts;
mod request_object;
mod source;
mod values;

pub(crate) use engine::Engine;
pub use error::{Place, TemplateError};
pub use minijinja::value::{Serde, Value};
pub(crate) use module::Modules;
pub use module::{ModuleArguments, UiModule};
pub(crate) use page::Borrowed;
pub(crate) use parts::Parts;
pub use source::Templates;
pub(crate) use values::invalid;
pub use values::{value, values, values_before};
