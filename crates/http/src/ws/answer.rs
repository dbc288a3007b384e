//! The answer to an opening handshake, as a client reads it (RFC 6455 §4.1).

use std::fmt;

use super::deflate::{CompressionOptions, Params};
use super::handshake::{accept_key, items};
use crate::{Headers, base64};

/// What both sides have agreed on, from the fields of a 101.
///
/// # Examples
///
/// ```
/// use waterspout_http::Headers;
/// use waterspout_http::ws::Agreement;
///
/// let mut fields = Headers::new();
/// fields.append("Upgrade", "websocket")?;
/// fields.append("Connection", "Upgrade")?;
/// fields.append("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")?;
/// let agreed = Agreement::of(&fields, "dGhlIHNhbXBsZSBub25jZQ==", &[], None)?;
/// assert_eq!(agreed.subprotocol, None);
/// assert!(Agreement::of(&fields, "another key", &[], None).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agreement {
    /// The subprotocol that the server chose.
    pub subprotocol: Option<String>,
    /// The parameters of permessage-deflate, if the server takes it.
    pub deflate: Option<Params>,
}

/// Why a 101 does not open a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAnswer(&'static str);

impl fmt::Display for InvalidAnswer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for InvalidAnswer {}

impl Agreement {
    /// Checks the fields of a 101 against what was offered: the key, subprotocols, compression.
    ///
    /// # Errors
    ///
    /// [`InvalidAnswer`] for what RFC 6455 §4.1 has a client refuse: a field that is missing, the
    /// answer to another key, a subprotocol or an extension that was not offered.
    pub fn of(
        fields: &Headers,
        key: &str,
        subprotocols: &[String],
        compression: Option<&CompressionOptions>,
    ) -> Result<Self, InvalidAnswer> {
        let has = |name, wanted: &[u8]| {
            let mut values = fields.get_all(name);
            values.any(|value| items(value).any(|item| item.eq_ignore_ascii_case(wanted)))
        };
        if !has("upgrade", b"websocket") {
            return Err(InvalidAnswer("Upgrade is not websocket"));
        }
        if !has("connection", b"upgrade") {
            return Err(InvalidAnswer("Connection is not Upgrade"));
        }
        if single(fields, "sec-websocket-accept")? != Some(accept_key(key.as_bytes()).as_bytes()) {
            return Err(InvalidAnswer("Sec-WebSocket-Accept answers another key"));
        }
        Ok(Self {
            subprotocol: subprotocol(fields, subprotocols)?,
            deflate: deflate(fields, compression)?,
        })
    }
}

/// Returns a key for `Sec-WebSocket-Key`: sixteen random octets in base64.
///
/// # Panics
///
/// Panics if the system gives no random octets.
#[must_use]
pub fn random_handshake_key() -> String {
    let mut octets = [0; 16];
    getrandom::fill(&mut octets).expect("the system gives random octets");
    base64::encode(octets)
}

fn single<'h>(fields: &'h Headers, name: &'static str) -> Result<Option<&'h [u8]>, InvalidAnswer> {
    let mut values = fields.get_all(name);
    let value = values.next();
    if values.next().is_some() {
        return Err(InvalidAnswer("a field of the handshake is there twice"));
    }
    Ok(value)
}

fn subprotocol(fields: &Headers, offered: &[String]) -> Result<Option<String>, InvalidAnswer> {
    let Some(chosen) = single(fields, "sec-websocket-protocol")? else {
        return Ok(None);
    };
    let known = offered.iter().find(|name| name.as_bytes() == chosen);
    known.cloned().map(Some).ok_or(InvalidAnswer(
        "Sec-WebSocket-Protocol names what was not offered",
    ))
}

fn deflate(
    fields: &Headers,
    compression: Option<&CompressionOptions>,
) -> Result<Option<Params>, InvalidAnswer> {
    let mut extensions = fields.get_all("sec-websocket-extensions").flat_map(items);
    let Some(answer) = extensions.next() else {
        return Ok(None);
    };
    let options = compression.filter(|_| extensions.next().is_none());
    let params = options.and_then(|options| Params::of_answer(answer, options));
    params.map(Some).ok_or(InvalidAnswer(
        "Sec-WebSocket-Extensions names what was not offered",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";
    const GOOD: [(&str, &str); 3] = [
        ("Upgrade", "WebSocket"),
        ("Connection", "keep-alive, upgrade"),
        ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="),
    ];

    fn answer(fields: &[(&str, &str)]) -> Result<Agreement, InvalidAnswer> {
        let mut headers = Headers::new();
        for (name, value) in fields {
            headers.append(name, value).unwrap();
        }
        let options = CompressionOptions::default();
        Agreement::of(&headers, KEY, &["chat".to_owned()], Some(&options))
    }

    #[test]
    fn a_field_that_is_missing_twice_there_or_wrong_is_refused() {
        assert!(answer(&GOOD).is_ok());
        for index in 0..GOOD.len() {
            let mut fields = GOOD.to_vec();
            fields.remove(index);
            assert!(answer(&fields).is_err(), "{index}");
        }
        let mut twice = GOOD.to_vec();
        twice.push(GOOD[2]);
        assert!(answer(&twice).is_err());
        let wrong = [
            GOOD[0],
            GOOD[1],
            ("Sec-WebSocket-Accept", "s3pPLMBiTxaQ9kYGzzhZRbK+xoo="),
        ];
        assert!(answer(&wrong).is_err());
    }

    #[test]
    fn only_what_was_offered_is_taken() {
        let with = |name, value| answer(&[&GOOD[..], &[(name, value)]].concat());
        let chosen = with("Sec-WebSocket-Protocol", "chat").unwrap().subprotocol;
        assert_eq!(chosen.as_deref(), Some("chat"));
        assert!(with("Sec-WebSocket-Protocol", "other").is_err());
        assert!(with("Sec-WebSocket-Protocol", "").is_err());
        let name = "Sec-WebSocket-Extensions";
        let params = with(name, "permessage-deflate").unwrap().deflate.unwrap();
        assert!(!params.server_no_context_takeover);
        assert!(with(name, "x-webkit-deflate-frame").is_err());
        assert!(with(name, "permessage-deflate, permessage-deflate").is_err());
    }

    #[test]
    fn keys_are_sixteen_random_octets() {
        let (one, other) = (random_handshake_key(), random_handshake_key());
        assert_eq!((one.len(), &one[22..]), (24, "=="));
        assert_ne!(one, other);
    }
}
