//! What must fit together when a browser comes back, kept in a signed cookie meanwhile.

use sha2::{Digest, Sha256};
use waterspout_http::base64;

use crate::auth::fetching::{random_text, refused};
use crate::context::Context;
use crate::cookies::{CookieOptions, SameSite};
use crate::error::{HttpError, Result};
use crate::signed::{SignatureVersion, SignedCookieRules, same_secret};

/// How long signing in may take, in seconds.
const LIFETIME: u32 = 600;

/// Octets of the place to go on to: more does not fit a cookie beside the rest.
const MAX_NEXT: usize = 2000;

/// One try to sign in.
pub(in crate::auth) struct Attempt {
    pub(in crate::auth) state: String,
    /// Ties an ID token to this try.
    pub(in crate::auth) nonce: String,
    /// The proof that who redeems the code is who asked for it (RFC 7636 §4.1).
    pub(in crate::auth) verifier: String,
    /// Where to go afterwards.
    pub(in crate::auth) next: String,
}

impl Attempt {
    /// Begins a try; a page of this site in the argument `next` is remembered.
    pub(in crate::auth) fn begin<S>(cx: &mut Context<S>) -> Result<Self> {
        let mut next = cx.next_url("/")?;
        if next.len() > MAX_NEXT {
            "/".clone_into(&mut next);
        }
        Ok(Self {
            state: random_text()?,
            nonce: random_text()?,
            verifier: random_text()?,
            next,
        })
    }

    /// RFC 7636 §4.2, S256.
    pub(in crate::auth) fn challenge(&self) -> String {
        base64::encode_url(Sha256::digest(&self.verifier))
    }

    /// Keeps the try in a cookie of this browser.
    pub(in crate::auth) fn keep<S>(&self, cx: &mut Context<S>, cookie: &str) -> Result {
        let parts = [&*self.state, &self.nonce, &self.verifier, &self.next];
        let options = CookieOptions::new()
            .max_age(LIFETIME.into())
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(cx.protocol() == "https");
        cx.set_signed_cookie_with(cookie, parts.join("."), &options)
    }

    /// Takes the try that a browser comes back with. Its cookie is used up, whatever comes of it.
    pub(in crate::auth) fn take<S>(cx: &mut Context<S>, cookie: &str) -> Result<Self> {
        let rules = SignedCookieRules::new()
            .max_age_days(f64::from(LIFETIME) / 86_400.0)
            .min_version(SignatureVersion::V2);
        let kept = cx.signed_cookie_with(cookie, &rules)?;
        let Some(attempt) = kept.and_then(|octets| Self::read(&octets)) else {
            return Err(refused("Signing in was not begun here, or took too long"));
        };
        cx.clear_cookie(cookie)?;
        let state = cx.query_pairs()?.last("state")?.unwrap_or_default();
        if !same_secret(&attempt.state, &state) {
            return Err(refused("OAuth state does not match"));
        }
        Ok(attempt)
    }

    /// The code of the provider's answer, or the error it gives.
    pub(in crate::auth) fn code<S>(cx: &mut Context<S>) -> Result<String> {
        let arguments = cx.query_pairs()?;
        if let Some(error) = arguments.last("error")? {
            let name = error_name(&error);
            return Err(refused(format!("Signing in was refused: {name}")));
        }
        let code = arguments.last("code")?.filter(|code| !code.is_empty());
        Ok(code.ok_or_else(|| HttpError::bad_request("Missing argument code"))?)
    }

    fn read(octets: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(octets)
            .ok()?
            .splitn(4, '.')
            .map(str::to_owned);
        Some(Self {
            state: parts.next()?,
            nonce: parts.next()?,
            verifier: parts.next()?,
            next: parts.next()?,
        })
    }
}

/// The name of an error as RFC 6749 §5.2 writes them; whatever else came is not repeated.
pub(super) fn error_name(text: &str) -> &str {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
    match !text.is_empty() && text.len() <= 40 && text.bytes().all(is_name) {
        true => text,
        false => "unknown error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_rfc_7636_appendix_b() {
        let attempt = Attempt {
            state: String::new(),
            nonce: String::new(),
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            next: String::new(),
        };
        assert_eq!(
            attempt.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
    }

    #[test]
    fn errors_of_a_provider_are_not_repeated_as_they_come() {
        assert_eq!(error_name("access_denied"), "access_denied");
        for text in ["", "<script>", "Access", &"a".repeat(41)] {
            assert_eq!(error_name(text), "unknown error");
        }
    }
}
