use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// What a provider says of who signed in: the claims of a checked ID token (OpenID Connect Core §2, §5.1).
#[derive(Debug, Clone, PartialEq)]
pub struct IdClaims {
    pub(super) claims: Map<String, Value>,
    pub(super) issuer: String,
    pub(super) subject: String,
}

impl IdClaims {
    /// Returns the provider.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Returns who it is, by a name that the provider gives to nobody else. Addresses of mail change hands; this
    /// does not.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Returns the address of mail, if the provider says that it belongs to them.
    #[must_use]
    pub fn verified_email(&self) -> Option<&str> {
        let is_verified = match self.claims.get("email_verified")? {
            Value::Bool(is_verified) => *is_verified,
            // Some providers write it as text.
            other => other.as_str() == Some("true"),
        };
        self.text("email").filter(|_| is_verified)
    }

    /// Returns the name to show.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text("name")
    }

    /// Returns another claim, if it is there and a `T`.
    #[must_use]
    pub fn claim<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        T::deserialize(self.claims.get(name)?).ok()
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }
}
