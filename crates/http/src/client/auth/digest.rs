//! The arithmetic of Digest (RFC 7616 §3.4).

use std::fmt::Write as _;

use md5::Md5;
use sha2::digest::Digest as _;
use sha2::{Sha256, Sha512_256};

/// A hash that a digest may be made with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Algorithm {
    Md5,
    Sha256,
    Sha512_256,
}

impl Algorithm {
    /// Reads a name with or without `-sess`; also tells whether that was there.
    pub(super) fn parse(name: &str) -> Option<(Self, bool)> {
        let name = name.to_ascii_uppercase();
        let (bare, session) = match name.strip_suffix("-SESS") {
            Some(bare) => (bare, true),
            None => (name.as_str(), false),
        };
        let algorithm = match bare {
            "MD5" => Self::Md5,
            "SHA-256" => Self::Sha256,
            "SHA-512-256" => Self::Sha512_256,
            _ => return None,
        };
        Some((algorithm, session))
    }

    /// `H(data)`, in hexadecimal.
    pub(super) fn hash(self, data: &[u8]) -> String {
        match self {
            Self::Md5 => hex(&Md5::digest(data)),
            Self::Sha256 => hex(&Sha256::digest(data)),
            Self::Sha512_256 => hex(&Sha512_256::digest(data)),
        }
    }
}

/// What a digest is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ingredients<'i> {
    pub(super) algorithm: Algorithm,
    pub(super) session: bool,
    pub(super) user: &'i str,
    pub(super) password: &'i str,
    pub(super) realm: &'i str,
    pub(super) nonce: &'i str,
    pub(super) method: &'i str,
    pub(super) uri: &'i str,
    /// `None` as before RFC 2617.
    pub(super) qop: Option<Qop<'i>>,
}

/// Quality of protection.
#[derive(Debug, Clone, Copy)]
pub(super) struct Qop<'i> {
    pub(super) nonce_count: &'i str,
    pub(super) client_nonce: &'i str,
    /// The body, for `auth-int`.
    pub(super) body: Option<&'i [u8]>,
}

impl Qop<'_> {
    pub(super) fn name(&self) -> &'static str {
        match self.body {
            None => "auth",
            Some(_) => "auth-int",
        }
    }
}

impl Ingredients<'_> {
    /// The value of `response` (§3.4.1 to §3.4.3).
    pub(super) fn response(&self) -> String {
        let hash = |text: String| self.algorithm.hash(text.as_bytes());
        let mut secret = hash(format!("{}:{}:{}", self.user, self.realm, self.password));
        if let (true, Some(qop)) = (self.session, self.qop) {
            secret = hash(format!("{secret}:{}:{}", self.nonce, qop.client_nonce));
        }
        let mut what = format!("{}:{}", self.method, self.uri);
        if let Some(body) = self.qop.and_then(|qop| qop.body) {
            what = format!("{what}:{}", self.algorithm.hash(body));
        }
        let what = hash(what);
        hash(match self.qop {
            None => format!("{secret}:{}:{what}", self.nonce),
            Some(qop) => format!(
                "{secret}:{}:{}:{}:{}:{what}",
                self.nonce,
                qop.nonce_count,
                qop.client_nonce,
                qop.name()
            ),
        })
    }
}

fn hex(octets: &[u8]) -> String {
    let mut out = String::with_capacity(octets.len() * 2);
    for octet in octets {
        // A string takes every write.
        let _infallible = write!(out, "{octet:02x}");
    }
    out
}

/// As many random octets, in hexadecimal.
pub(in crate::client) fn random_hex<const N: usize>() -> Result<String, getrandom::Error> {
    let mut octets = [0; N];
    getrandom::fill(&mut octets)?;
    Ok(hex(&octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7616 §3.9.1.
    const MUFASA: Ingredients<'static> = Ingredients {
        algorithm: Algorithm::Md5,
        session: false,
        user: "Mufasa",
        password: "Circle of Life",
        realm: "http-auth@example.org",
        nonce: "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
        method: "GET",
        uri: "/dir/index.html",
        qop: Some(Qop {
            nonce_count: "00000001",
            client_nonce: "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
            body: None,
        }),
    };

    #[test]
    fn responses_are_those_of_rfc_7616_section_3_9_1() {
        assert_eq!(MUFASA.response(), "8ca523f5e9506fed4657c9700eebdbec");
        let sha = Ingredients {
            algorithm: Algorithm::Sha256,
            ..MUFASA
        };
        assert_eq!(
            sha.response(),
            "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
        );
    }

    #[test]
    fn without_qop_it_is_the_example_of_rfc_2069_with_its_erratum() {
        let old = Ingredients {
            realm: "testrealm@host.com",
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            password: "CircleOfLife",
            qop: None,
            ..MUFASA
        };
        // RFC 2069 §2.4 as corrected by erratum 749.
        assert_eq!(old.response(), "1949323746fe6a43ef61f9606e7febea");
    }

    #[test]
    fn rfc_2617_section_3_5() {
        let ingredients = Ingredients {
            realm: "testrealm@host.com",
            nonce: "dcd98b7102dd2f0e8b11d0f600bfb0c093",
            password: "Circle Of Life",
            qop: Some(Qop {
                nonce_count: "00000001",
                client_nonce: "0a4f113b",
                body: None,
            }),
            ..MUFASA
        };
        assert_eq!(ingredients.response(), "6629fae49393a05397450978507c4ef1");
    }

    #[test]
    fn names_of_users_are_hashed_with_the_realm() {
        // RFC 7616 §3.9.2: `userhash` of "Jäsøn Doe".
        let hashed = Algorithm::Sha512_256.hash("Jäsøn Doe:api@example.org".as_bytes());
        // As erratum 4897 has it.
        assert_eq!(
            hashed,
            "793263caabb707a56211940d90411ea4a575adeccb7e360aeb624ed06ece9b0b"
        );
        assert_eq!(
            Algorithm::Sha512_256.hash(b"abc"),
            "53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23"
        );
    }

    #[test]
    fn algorithms_have_their_names() {
        assert_eq!(Algorithm::parse("md5"), Some((Algorithm::Md5, false)));
        assert_eq!(
            Algorithm::parse("SHA-256-sess"),
            Some((Algorithm::Sha256, true))
        );
        assert_eq!(
            Algorithm::parse("SHA-512-256"),
            Some((Algorithm::Sha512_256, false))
        );
        assert_eq!(Algorithm::parse("SHA-1"), None);
    }
}
