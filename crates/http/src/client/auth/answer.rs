//! From a challenge to `Authorization`.

use std::fmt::Write as _;

use super::challenge::{Challenge, parse_challenges};
use super::digest::{Algorithm, Ingredients, Qop, random_hex};
use crate::Headers;
use crate::client::FetchError;

/// What a server asks for in a digest.
#[derive(Debug, Clone)]
pub(in crate::client) struct Asked {
    realm: String,
    nonce: String,
    opaque: Option<String>,
    algorithm: Algorithm,
    /// As the server wrote it, if it did.
    algorithm_name: Option<String>,
    session: bool,
    protection: Protection,
    hashes_user: bool,
    /// The credentials were good, the nonce was too old.
    stale: bool,
}

/// Which qualities of protection a server takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Protection {
    /// It names none, as before RFC 2617.
    Old,
    Auth,
    /// `auth-int` only.
    Integrity,
}

/// The body that `auth-int` is about.
#[derive(Debug, Clone, Copy)]
pub(in crate::client) enum Entity<'e> {
    Known(&'e [u8]),
    /// It will be produced, after the head is sent.
    Produced,
}

impl Asked {
    /// Finds the first digest that can be answered; `None` if none is asked for.
    pub(in crate::client) fn of(headers: &Headers) -> Result<Option<Self>, FetchError> {
        let mut problem = None;
        for field in headers.get_all("WWW-Authenticate") {
            let text = String::from_utf8_lossy(field);
            for challenge in parse_challenges(&text) {
                if !challenge.scheme.eq_ignore_ascii_case("digest") {
                    continue;
                }
                match Self::read(&challenge) {
                    Ok(asked) => return Ok(Some(asked)),
                    Err(why) => _ = problem.get_or_insert(why),
                }
            }
        }
        problem.map_or(Ok(None), |why| Err(FetchError::auth(why)))
    }

    fn read(challenge: &Challenge) -> Result<Self, String> {
        let needed = |name: &str| {
            let value = challenge.parameter(name).map(str::to_owned);
            value.ok_or_else(|| format!("the server's digest challenge has no {name}"))
        };
        let name = challenge.parameter("algorithm");
        let known = Algorithm::parse(name.unwrap_or("MD5"));
        let (algorithm, session) = known.ok_or_else(|| {
            let name: String = name.unwrap_or_default().chars().take(64).collect();
            format!("the server wants a digest by {name:?}, which is not supported")
        })?;
        Ok(Self {
            realm: needed("realm")?,
            nonce: needed("nonce")?,
            opaque: challenge.parameter("opaque").map(str::to_owned),
            algorithm,
            algorithm_name: name.map(str::to_owned),
            session,
            protection: protection(challenge.parameter("qop"))?,
            hashes_user: is_true(challenge.parameter("userhash")),
            stale: is_true(challenge.parameter("stale")),
        })
    }

    /// Tells whether the credentials were good and only the nonce was too old.
    pub(in crate::client) fn is_stale(&self) -> bool {
        self.stale
    }

    /// Makes the value of `Authorization` for the request number `count` with this nonce.
    pub(in crate::client) fn answer(
        &self,
        count: u32,
        (user, password): (&str, &str),
        (method, uri): (&str, &str),
        entity: Entity<'_>,
    ) -> Result<String, FetchError> {
        let random = random_hex::<16>();
        let client_nonce = random
            .map_err(|error| FetchError::auth(format!("no random number for a digest: {error}")))?;
        let body = self.protected_body(entity)?;
        let nonce_count = format!("{count:08x}");
        let qop = Qop {
            nonce_count: &nonce_count,
            client_nonce: &client_nonce,
            body,
        };
        let ingredients = Ingredients {
            algorithm: self.algorithm,
            session: self.session,
            user,
            password,
            realm: &self.realm,
            nonce: &self.nonce,
            method,
            uri,
            qop: (self.protection != Protection::Old).then_some(qop),
        };
        Ok(self.write(&ingredients))
    }

    fn protected_body<'e>(&self, entity: Entity<'e>) -> Result<Option<&'e [u8]>, FetchError> {
        match (self.protection, entity) {
            (Protection::Integrity, Entity::Known(body)) => Ok(Some(body)),
            (Protection::Integrity, Entity::Produced) => Err(FetchError::auth(
                "the server wants a digest of the body (auth-int), which a body that is produced \
                 piece by piece cannot have",
            )),
            _ => Ok(None),
        }
    }

    /// RFC 7616 §3.4: which values are quoted and which must not be.
    fn write(&self, ingredients: &Ingredients<'_>) -> String {
        let mut out = String::from("Digest ");
        self.write_user(ingredients, &mut out);
        let mut quoted = |name: &str, value: &str| {
            _ = write!(out, ", {name}=\"{}\"", escape(value));
        };
        quoted("realm", &self.realm);
        quoted("nonce", &self.nonce);
        quoted("uri", ingredients.uri);
        quoted("response", &ingredients.response());
        if let Some(opaque) = &self.opaque {
            quoted("opaque", opaque);
        }
        if let Some(qop) = ingredients.qop {
            quoted("cnonce", qop.client_nonce);
            _ = write!(out, ", qop={}, nc={}", qop.name(), qop.nonce_count);
        }
        if let Some(name) = &self.algorithm_name {
            _ = write!(out, ", algorithm={name}");
        }
        if self.hashes_user {
            out.push_str(", userhash=true");
        }
        out
    }

    /// §3.4.4: hashed, as it is, or extended when it is not ASCII.
    fn write_user(&self, ingredients: &Ingredients<'_>, out: &mut String) {
        let user = ingredients.user;
        if self.hashes_user {
            let hashed = format!("{user}:{}", self.realm);
            _ = write!(
                out,
                "username=\"{}\"",
                self.algorithm.hash(hashed.as_bytes())
            );
        } else if user.bytes().all(|octet| matches!(octet, b' '..=b'~')) {
            _ = write!(out, "username=\"{}\"", escape(user));
        } else {
            out.push_str("username*=UTF-8''");
            for octet in user.bytes() {
                if octet.is_ascii_alphanumeric() {
                    out.push(char::from(octet));
                } else {
                    _ = write!(out, "%{octet:02X}");
                }
            }
        }
    }
}

fn is_true(value: Option<&str>) -> bool {
    value.is_some_and(|value| value.eq_ignore_ascii_case("true"))
}

fn protection(qop: Option<&str>) -> Result<Protection, String> {
    let Some(list) = qop else {
        return Ok(Protection::Old);
    };
    let has = |wanted: &str| {
        let mut options = list.split([',', ' ', '\t']);
        options.any(|option| option.eq_ignore_ascii_case(wanted))
    };
    if has("auth") {
        Ok(Protection::Auth)
    } else if has("auth-int") {
        Ok(Protection::Integrity)
    } else {
        let list: String = list.chars().take(64).collect();
        Err(format!(
            "the server wants a digest with qop {list:?}, which is not supported"
        ))
    }
}

/// RFC 9110 §5.6.4, quoted-string.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '"' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(challenge: &str) -> Result<Option<Asked>, FetchError> {
        let mut headers = Headers::new();
        headers.append("WWW-Authenticate", challenge).unwrap();
        Asked::of(&headers)
    }

    fn answer(challenge: &str, user: &str, body: &[u8]) -> String {
        let asked = asked(challenge).unwrap().unwrap();
        let whom = (user, "secret");
        asked
            .answer(1, whom, ("POST", "/x"), Entity::Known(body))
            .unwrap()
    }

    #[test]
    fn the_first_digest_that_can_be_answered_is() {
        let challenge = "Basic realm=\"a\", Digest realm=r, nonce=n, algorithm=SHA-9, \
                         Digest realm=\"r\", nonce=\"n\", algorithm=SHA-256, qop=\"auth-int, auth\", opaque=\"o\"";
        let answer = answer(challenge, "ada", b"");
        assert!(
            answer.starts_with("Digest username=\"ada\", realm=\"r\", nonce=\"n\", uri=\"/x\", ")
        );
        assert!(answer.contains(", opaque=\"o\", cnonce=\""), "{answer}");
        assert!(
            answer.ends_with("\", qop=auth, nc=00000001, algorithm=SHA-256"),
            "{answer}"
        );
        assert!(asked("Basic realm=x").unwrap().is_none());
    }

    #[test]
    fn what_cannot_be_answered_is_said() {
        for (challenge, what) in [
            ("Digest realm=r, nonce=n, algorithm=TOKEN", "TOKEN"),
            ("Digest realm=r, nonce=n, qop=\"other\"", "other"),
            ("Digest realm=r", "nonce"),
            ("Digest nonce=n", "realm"),
        ] {
            let error = asked(challenge).unwrap_err();
            assert!(error.to_string().contains(what), "{error}");
        }
        let only = asked("Digest realm=r, nonce=n, qop=auth-int")
            .unwrap()
            .unwrap();
        let error = only
            .answer(1, ("a", "b"), ("PUT", "/"), Entity::Produced)
            .unwrap_err();
        assert!(error.to_string().contains("auth-int"), "{error}");
    }

    #[test]
    fn names_are_quoted_extended_or_hashed() {
        let plain = "Digest realm=r, nonce=n";
        assert!(answer(plain, "a\"b\\c", b"").starts_with("Digest username=\"a\\\"b\\\\c\", "));
        assert!(
            answer(plain, "Jäsøn Doe", b"")
                .starts_with("Digest username*=UTF-8''J%C3%A4s%C3%B8n%20Doe, ")
        );
        assert!(!answer(plain, "a", b"").contains("qop"));
        let hashed = "Digest realm=\"api@example.org\", nonce=n, userhash=true, qop=auth, algorithm=SHA-512-256";
        let answer = answer(hashed, "Jäsøn Doe", b"");
        // The hash that RFC 7616 §3.9.2 should show, by its erratum 4897.
        let user = "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b";
        assert!(
            answer.starts_with(&format!("Digest username=\"{user}\", ")),
            "{answer}"
        );
        assert!(answer.ends_with(", userhash=true"), "{answer}");
    }

    #[test]
    fn integrity_is_of_the_body() {
        let challenge = "Digest realm=r, nonce=n, qop=auth-int";
        let find = |text: &str, name: &str| {
            let rest = &text[text.find(name).unwrap() + name.len()..];
            rest[..rest.find('"').unwrap()].to_owned()
        };
        let text = answer(challenge, "ada", b"body");
        let md5 = |text: String| Algorithm::Md5.hash(text.as_bytes());
        let (a1, body) = (md5("ada:r:secret".into()), md5("body".into()));
        let a2 = md5(format!("POST:/x:{body}"));
        let cnonce = find(&text, "cnonce=\"");
        let wanted = md5(format!("{a1}:n:00000001:{cnonce}:auth-int:{a2}"));
        assert_eq!(find(&text, "response=\""), wanted);
    }
}
