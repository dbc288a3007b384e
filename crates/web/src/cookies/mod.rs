//! Cookies: reading them as browsers write them, and writing them as Tornado does.

mod encode;
mod options;
mod parse;

pub(crate) use encode::set_cookie_value;
pub use options::{CookieOptions, CookiePriority, SameSite, UnknownSameSite};
pub use parse::parse_cookie;
pub(crate) use parse::{find, parse_all};
