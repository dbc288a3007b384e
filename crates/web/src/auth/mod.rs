//! Who is there: signing in with the account of another site, credentials, passwords.
//!
//! | for | with |
//! |---|---|
//! | Google, Microsoft, Keycloak: providers of OpenID Connect | `OpenIdClient`, with one of the features `tls-*` |
//! | GitHub, Facebook, X and others of OAuth 2.0 | [`OAuth2Client`] |
//! | providers of OAuth 1.0a | [`OAuth1Client`] |
//! | accounts of one's own | `Passwords`, with the feature `passwords` |
//!
//! Each ends in a handler that knows who it is, and usually sets a signed cookie, which
//! [`Application::current_user`](crate::Application::current_user) reads again.

mod challenge;
mod fetching;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod jose;
mod oauth1;
mod oauth2;
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
mod openid;
#[cfg(feature = "passwords")]
mod passwords;
mod user;

pub(crate) use challenge::bearer;
pub use challenge::{BasicCredentials, Challenge};
pub use oauth1::{OAuth1Client, OAuth1Login, OAuth1Provider, OAuth1Token};
pub use oauth2::{ClientAuthentication, OAuth2Client, OAuth2Login, OAuth2Provider, OAuthToken};
#[cfg(any(feature = "tls-aws-lc", feature = "tls-ring"))]
pub use openid::{IdClaims, OpenIdClient, OpenIdLogin};
#[cfg(feature = "passwords")]
pub use passwords::{PasswordConfig, Passwords};
pub use user::CurrentUser;
pub(crate) use user::{FindUser, UserFuture, UserHook, UserState};
