//! What an opening handshake agrees on.

use std::fmt;

use crate::ws::handshake::items;

/// How messages are compressed, where both sides want it.
///
/// # Examples
///
/// ```
/// use waterspout_http::ws::CompressionOptions;
///
/// let options = CompressionOptions::default().level(9).context_takeover(true);
/// assert_eq!(options.mem_level, 8);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct CompressionOptions {
    /// Effort from 0 to 9. Default: 6.
    pub level: u8,
    /// Memory of a compressor from 1 to 9. Default: 8.
    pub mem_level: u8,
    /// Keeps what was sent and received before, so that messages that resemble each other get
    /// smaller; each connection then holds about 300 KiB. Default: false.
    pub context_takeover: bool,
    /// Base two logarithm of the window that this side compresses with, 8 to 15. Default: 15.
    pub window_bits: u8,
    /// The window that the client is asked to keep to, 8 to 15, if it says that it can; of a client's
    /// options, what the server is asked to keep to. Default: 15.
    pub client_window_bits: u8,
    /// Octets below which a message is sent as it is. Default: 32.
    pub threshold: usize,
}

impl Default for CompressionOptions {
    fn default() -> Self {
        Self {
            level: 6,
            mem_level: 8,
            context_takeover: false,
            window_bits: 15,
            client_window_bits: 15,
            threshold: 32,
        }
    }
}

impl CompressionOptions {
    /// Sets the effort, 0 to 9. Default: 6.
    #[must_use]
    pub fn level(mut self, level: u8) -> Self {
        self.level = level.min(9);
        self
    }

    /// Sets the memory of a compressor, 1 to 9. Default: 8.
    #[must_use]
    pub fn mem_level(mut self, level: u8) -> Self {
        self.mem_level = level.clamp(1, 9);
        self
    }

    /// Sets whether the context is kept from message to message. Default: false.
    #[must_use]
    pub fn context_takeover(mut self, keep: bool) -> Self {
        self.context_takeover = keep;
        self
    }

    /// Sets the window of this side, 8 to 15. Default: 15.
    #[must_use]
    pub fn window_bits(mut self, bits: u8) -> Self {
        self.window_bits = bits.clamp(8, 15);
        self
    }

    /// Sets the window that clients are asked to keep to, 8 to 15. Default: 15.
    #[must_use]
    pub fn client_window_bits(mut self, bits: u8) -> Self {
        self.client_window_bits = bits.clamp(8, 15);
        self
    }

    /// Sets the octets below which a message is sent as it is. Default: 32.
    #[must_use]
    pub fn threshold(mut self, octets: usize) -> Self {
        self.threshold = octets;
        self
    }
}

/// The parameters that both sides have agreed on (RFC 7692 §7.1).
///
/// Its text is the value of `Sec-WebSocket-Extensions` in the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Params {
    /// The server forgets its context after each message.
    pub server_no_context_takeover: bool,
    /// The client forgets its context after each message.
    pub client_no_context_takeover: bool,
    /// The window of the server.
    pub server_max_window_bits: u8,
    /// The window of the client.
    pub client_max_window_bits: u8,
    /// Whether the offer allows the answer to name the window of the client, or of the server.
    pub(super) names: Names,
}

/// Which windows the answer names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Names {
    client: bool,
    server: bool,
}

/// One offer of a client, or the answer to it, parameters as they came.
#[derive(Default)]
pub(super) struct Offer {
    pub(super) server_no_context_takeover: bool,
    pub(super) client_no_context_takeover: bool,
    pub(super) server_max_window_bits: Option<u8>,
    pub(super) client_max_window_bits: Option<Option<u8>>,
}

impl Params {
    /// Chooses the first offer that can be accepted among the values of `Sec-WebSocket-Extensions`;
    /// malformed offers and unknown extensions are passed over.
    pub fn negotiate<'v>(
        values: impl Iterator<Item = &'v [u8]>,
        options: &CompressionOptions,
    ) -> Option<Self> {
        let mut offers = values.flat_map(items);
        offers.find_map(|offer| Some(Offer::parse(offer)?.accept(options)))
    }
}

impl Offer {
    /// Parses an offer of this extension; `None` if it is another one or must be declined (RFC 7692
    /// §7.1: a parameter that is unknown, twice there, or has a wrong value).
    pub(super) fn parse(offer: &[u8]) -> Option<Self> {
        let mut parts = std::str::from_utf8(offer).ok()?.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case("permessage-deflate") {
            return None;
        }
        let mut parsed = Self::default();
        for part in parts {
            let (name, value) = match part.split_once('=') {
                Some((name, value)) => (name.trim(), Some(unquote(value.trim()))),
                None => (part, None),
            };
            parsed.set(&name.to_ascii_lowercase(), value)?;
        }
        Some(parsed)
    }

    fn set(&mut self, name: &str, value: Option<&str>) -> Option<()> {
        let repeated = match (name, value) {
            ("server_no_context_takeover", None) => {
                std::mem::replace(&mut self.server_no_context_takeover, true)
            }
            ("client_no_context_takeover", None) => {
                std::mem::replace(&mut self.client_no_context_takeover, true)
            }
            ("server_max_window_bits", Some(value)) => {
                self.server_max_window_bits.replace(bits(value)?).is_some()
            }
            ("client_max_window_bits", value) => {
                let value = value.map(bits);
                if value == Some(None) {
                    return None;
                }
                self.client_max_window_bits
                    .replace(value.flatten())
                    .is_some()
            }
            _ => return None,
        };
        (!repeated).then_some(())
    }

    fn accept(&self, options: &CompressionOptions) -> Params {
        let server = self.server_max_window_bits.unwrap_or(15);
        let client_asked = self.client_max_window_bits.map(|bits| bits.unwrap_or(15));
        let client = client_asked.map_or(15, |bits| bits.min(options.client_window_bits));
        Params {
            server_no_context_takeover: self.server_no_context_takeover
                || !options.context_takeover,
            client_no_context_takeover: self.client_no_context_takeover
                || !options.context_takeover,
            server_max_window_bits: server.min(options.window_bits),
            client_max_window_bits: client,
            names: Names {
                client: client_asked.is_some() && client < 15,
                server: self.server_max_window_bits.is_some(),
            },
        }
    }
}

fn unquote(value: &str) -> &str {
    let inner = value
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    inner.unwrap_or(value)
}

/// RFC 7692 §7.1.2: a decimal number from 8 to 15 without leading zeros.
fn bits(value: &str) -> Option<u8> {
    match value {
        "8" => Some(8),
        "9" => Some(9),
        "10" => Some(10),
        "11" => Some(11),
        "12" => Some(12),
        "13" => Some(13),
        "14" => Some(14),
        "15" => Some(15),
        _ => None,
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("permessage-deflate")?;
        if self.server_no_context_takeover {
            f.write_str("; server_no_context_takeover")?;
        }
        if self.client_no_context_takeover {
            f.write_str("; client_no_context_takeover")?;
        }
        if self.names.server || self.server_max_window_bits < 15 {
            write!(
                f,
                "; server_max_window_bits={}",
                self.server_max_window_bits
            )?;
        }
        if self.names.client {
            write!(
                f,
                "; client_max_window_bits={}",
                self.client_max_window_bits
            )?;
        }
        Ok(())
    }
}
