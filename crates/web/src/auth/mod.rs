//! Who is there: users, credentials, passwords, and signing in with the account of another site.

mod challenge;
mod user;

pub(crate) use challenge::bearer;
pub use challenge::{BasicCredentials, Challenge};
pub(crate) use user::{FindUser, UserHook, UserState};
