//! A jar of cookies for a client (RFC 6265bis).

mod cookie;
mod date;
mod domain;
mod jar;
mod set_cookie;
mod store;
#[cfg(test)]
mod tests;

pub use jar::CookieJar;
