//! Protection against requests that another site makes a browser send (XSRF, CSRF).
//!
//! Two checks that do not depend on each other: a page of the site knows a token that a cookie holds too,
//! as in Tornado; and browsers say where a request comes from.

mod config;
mod endpoint;
mod origin;
mod token;

pub use config::XsrfConfig;
pub(crate) use endpoint::Checked;
pub(crate) use origin::check_origin;
pub(crate) use token::RawToken;
