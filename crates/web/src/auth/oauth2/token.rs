//! What a provider gives for a code.

use std::fmt;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::auth::fetching::unusable;
use crate::error::Result;

/// The tokens of somebody who signed in (RFC 6749 §5.1).
#[derive(Clone)]
pub struct OAuthToken {
    access_token: String,
    answer: Map<String, Value>,
}

impl OAuthToken {
    pub(in crate::auth) fn read(answer: Value) -> Result<Self> {
        let Value::Object(answer) = answer else {
            return Err(unusable("is no token"));
        };
        let text = |name: &str| answer.get(name).and_then(Value::as_str);
        // Only bearer tokens are understood (RFC 6749 §7.1); older providers leave the type out.
        let is_bearer = text("token_type").is_none_or(|kind| kind.eq_ignore_ascii_case("bearer"));
        let is_sendable =
            |token: &&str| !token.is_empty() && token.bytes().all(|octet| octet.is_ascii_graphic());
        match text("access_token").filter(is_sendable) {
            Some(token) if is_bearer => Ok(Self {
                access_token: token.to_owned(),
                answer,
            }),
            _ => Err(unusable("is no token")),
        }
    }

    /// Returns the access token, for requests in the name of who signed in.
    #[must_use]
    pub fn access_token(&self) -> &str {
        &self.access_token
    }

    /// Returns the token for [`refresh`](crate::auth::OAuth2Client::refresh), if the provider gave one.
    #[must_use]
    pub fn refresh_token(&self) -> Option<&str> {
        self.text("refresh_token")
    }

    /// Returns for how many seconds from now the access token is good, if the provider said so.
    #[must_use]
    pub fn expires_in(&self) -> Option<u64> {
        let value = self.answer.get("expires_in")?;
        value.as_u64().or_else(|| value.as_str()?.parse().ok())
    }

    /// Returns the permissions that were given, if the provider said so.
    #[must_use]
    pub fn scope(&self) -> Option<&str> {
        self.text("scope")
    }

    /// Returns another member of the provider's answer, if it is there and a `T`.
    #[must_use]
    pub fn extra<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.answer.get(name)?).ok()
    }

    pub(in crate::auth) fn text(&self, name: &str) -> Option<&str> {
        self.answer.get(name).and_then(Value::as_str)
    }
}

/// Shows no token.
impl fmt::Debug for OAuthToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OAuthToken")
            .field("expires_in", &self.expires_in())
            .field("scope", &self.scope())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn members_are_read_as_providers_write_them() {
        let token = OAuthToken::read(json!({
            "access_token": "a.b-c", "token_type": "BEARER", "expires_in": "3600",
            "refresh_token": "r", "scope": "x y", "user_id": 7,
        }));
        let token = token.unwrap();
        assert_eq!(token.access_token(), "a.b-c");
        assert_eq!(
            (token.expires_in(), token.scope()),
            (Some(3600), Some("x y"))
        );
        assert_eq!(
            (token.refresh_token(), token.extra::<u8>("user_id")),
            (Some("r"), Some(7))
        );
        assert_eq!(token.extra::<String>("user_id"), None);
        assert!(!format!("{token:?}").contains("a.b-c"));
    }

    #[test]
    fn what_is_no_bearer_token_is_refused() {
        for answer in [
            json!({}),
            json!([]),
            json!("x"),
            json!({"access_token": ""}),
            json!({"access_token": 1}),
            json!({"access_token": "a\r\nb"}),
            json!({"access_token": "a", "token_type": "mac"}),
        ] {
            assert!(OAuthToken::read(answer.clone()).is_err(), "{answer}");
        }
    }
}
