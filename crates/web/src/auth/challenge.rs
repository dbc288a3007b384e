//! Credentials in the `Authorization` field (RFC 9110 §11.6), and the challenge that asks for them.

use std::fmt;

use http::StatusCode;
use waterspout_http::base64;

use crate::error::HttpError;

/// User and password of Basic authentication (RFC 7617).
#[derive(Clone, PartialEq, Eq)]
pub struct BasicCredentials {
    user: String,
    password: String,
}

impl BasicCredentials {
    /// Returns the user.
    #[must_use]
    pub fn user(&self) -> &str {
        &self.user
    }

    /// Returns the password. Compare it with [`same_secret`](crate::same_secret), or hash it.
    #[must_use]
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Reads the value of an `Authorization` field.
    pub(crate) fn parse(field: &str) -> Option<Self> {
        let token = credentials(field, "Basic")?;
        let text = String::from_utf8(base64::decode(token)?).ok()?;
        // RFC 7617 §2: the user has no colon, and neither has control characters.
        let (user, password) = text.split_once(':')?;
        let is_clean = !text.chars().any(char::is_control);
        is_clean.then(|| Self {
            user: user.to_owned(),
            password: password.to_owned(),
        })
    }
}

/// Shows no password.
impl fmt::Debug for BasicCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BasicCredentials")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

/// Reads a bearer token of an `Authorization` field (RFC 6750 §2.1).
pub(crate) fn bearer(field: &str) -> Option<&str> {
    let token = credentials(field, "Bearer")?;
    let digits = token.trim_end_matches('=');
    let is_digit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~+/".contains(&byte);
    (!digits.is_empty() && digits.bytes().all(is_digit)).then_some(token)
}

/// What stands behind the name of a scheme, which is compared without case.
fn credentials<'f>(field: &'f str, scheme: &str) -> Option<&'f str> {
    let (name, rest) = field.split_once(' ')?;
    name.eq_ignore_ascii_case(scheme)
        .then(|| rest.trim_matches(' '))
}

/// Asks a client to say who it is: a 401 with its `WWW-Authenticate`.
///
/// # Examples
///
/// ```
/// use waterspout::{Challenge, Context, Result, same_secret};
///
/// async fn admin(cx: &mut Context) -> Result<&'static str> {
///     match cx.basic_credentials() {
///         Some(basic) if basic.user() == "ada" && same_secret(basic.password(), "open sesame") => {
///             Ok("the switches")
///         }
///         _ => Err(Challenge::basic("switches").into()),
///     }
/// }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    status: StatusCode,
    field: String,
}

impl Challenge {
    /// Asks for user and password, in UTF-8. The realm is shown to people.
    #[must_use]
    pub fn basic(realm: &str) -> Self {
        let realm = quoted(realm);
        Self {
            status: StatusCode::UNAUTHORIZED,
            field: format!("Basic realm={realm}, charset=\"UTF-8\""),
        }
    }

    /// Asks for a bearer token.
    #[must_use]
    pub fn bearer(realm: &str) -> Self {
        let realm = quoted(realm);
        Self {
            status: StatusCode::UNAUTHORIZED,
            field: format!("Bearer realm={realm}"),
        }
    }

    /// Says of a bearer token that it does not count (any more): RFC 6750 §3.1.
    #[must_use]
    pub fn invalid_token(realm: &str) -> Self {
        let mut challenge = Self::bearer(realm);
        challenge.field.push_str(", error=\"invalid_token\"");
        challenge
    }

    /// Says of a bearer token that it is not enough, with a 403: RFC 6750 §3.1.
    #[must_use]
    pub fn insufficient_scope(realm: &str, scope: &str) -> Self {
        let mut challenge = Self::bearer(realm);
        challenge.status = StatusCode::FORBIDDEN;
        let scope = quoted(scope);
        let rest = format!(", error=\"insufficient_scope\", scope={scope}");
        challenge.field.push_str(&rest);
        challenge
    }
}

impl From<Challenge> for HttpError {
    fn from(challenge: Challenge) -> Self {
        Self::new(challenge.status).with_header("WWW-Authenticate", challenge.field)
    }
}

impl From<Challenge> for crate::Error {
    fn from(challenge: Challenge) -> Self {
        HttpError::from(challenge).into()
    }
}

/// A quoted string (RFC 9110 §5.6.4). What cannot stand in a field is left out.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars().filter(|c| !c.is_control()) {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_credentials_are_those_of_rfc_7617() {
        let read = |field| BasicCredentials::parse(field).map(|c| (c.user, c.password));
        let aladdin = ("Aladdin".to_owned(), "open sesame".to_owned());
        assert_eq!(read("Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==").unwrap(), aladdin);
        assert_eq!(
            read("bASIC  QWxhZGRpbjpvcGVuIHNlc2FtZQ==").unwrap(),
            aladdin
        );
        let pound = ("test".to_owned(), "123£".to_owned());
        assert_eq!(read("Basic dGVzdDoxMjPCow==").unwrap(), pound);
        let colons = ("a".to_owned(), "b:c".to_owned());
        assert_eq!(read("Basic YTpiOmM=").unwrap(), colons);
        for field in [
            "",
            "Basic",
            "Basic ",
            "Basic x",
            "Bearer YTpi",
            "Basic YQ==",
            "Basic /w==",
            "Basic YTpi YTpi",
            "Basic YToA",
        ] {
            assert!(read(field).is_none(), "{field:?}");
        }
    }

    #[test]
    fn bearer_tokens_have_their_letters_only() {
        assert_eq!(bearer("Bearer mF_9.B5f-4.1JqM"), Some("mF_9.B5f-4.1JqM"));
        assert_eq!(bearer("bearer a+/~=="), Some("a+/~=="));
        for field in [
            "Bearer",
            "Bearer ",
            "Bearer ==",
            "Bearer a b",
            "Bearer a\"",
            "Basic a",
            "Bearer é",
        ] {
            assert_eq!(bearer(field), None, "{field:?}");
        }
    }

    #[test]
    fn challenges_are_written_as_rfc_6750_shows() {
        let field = |challenge| {
            let error = HttpError::from(challenge);
            let (name, value) = error.headers().next().unwrap();
            format!("{} {name}: {value}", error.status().as_u16())
        };
        assert_eq!(
            field(Challenge::basic("the \"inner\" room\r\n")),
            "401 WWW-Authenticate: Basic realm=\"the \\\"inner\\\" room\", charset=\"UTF-8\""
        );
        assert_eq!(
            field(Challenge::invalid_token("example")),
            "401 WWW-Authenticate: Bearer realm=\"example\", error=\"invalid_token\""
        );
        assert_eq!(
            field(Challenge::insufficient_scope("example", "write")),
            "403 WWW-Authenticate: Bearer realm=\"example\", error=\"insufficient_scope\", scope=\"write\""
        );
    }
}
