//! The fields that the connection itself acts on.

use std::ops::Range;

use http::{StatusCode, Version};

use crate::Rejection;
use crate::h1::framing::FramingFields;
use crate::h1::target;
use crate::request::Host;

#[derive(Debug, Default)]
pub(super) struct Known<'b> {
    pub(super) framing: FramingFields<'b>,
    host: Option<&'b [u8]>,
    repeated_host: bool,
    expect: Option<&'b [u8]>,
    close: bool,
    keep_alive: bool,
}

impl<'b> Known<'b> {
    /// Notes a field if it is one of them.
    #[inline]
    pub(super) fn note(&mut self, name: &[u8], value: &'b [u8]) {
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => {
                self.repeated_host |= self.host.replace(value).is_some();
            }
            6 if name.eq_ignore_ascii_case(b"expect") => {
                // Two fields are a list (RFC 9110 §5.3), and no list is known.
                self.expect = Some(self.expect.map_or(value, |_| b"".as_slice()));
            }
            10 if name.eq_ignore_ascii_case(b"connection") => self.connection(value),
            14 if name.eq_ignore_ascii_case(b"content-length") => {
                self.framing.repeated |= self.framing.content_length.replace(value).is_some();
            }
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => {
                self.framing.repeated |= self.framing.transfer_encoding.replace(value).is_some();
            }
            _ => {}
        }
    }

    /// RFC 9110 §7.6.1: a list; `close` wins over `keep-alive` wherever it stands.
    fn connection(&mut self, value: &[u8]) {
        if value.eq_ignore_ascii_case(b"keep-alive") {
            self.keep_alive = true;
            return;
        }
        for option in value.split(|octet| *octet == b',') {
            let option = option.trim_ascii();
            self.close |= option.eq_ignore_ascii_case(b"close");
            self.keep_alive |= option.eq_ignore_ascii_case(b"keep-alive");
        }
    }

    /// RFC 9112 §9.3: HTTP/1.1 stays open unless told otherwise, HTTP/1.0 closes.
    pub(super) fn keep_alive(&self, version: Version) -> bool {
        !self.close && (self.keep_alive || version != Version::HTTP_10)
    }

    /// RFC 9112 §3.2: exactly one valid `Host` in HTTP/1.1; an absolute form wins over it.
    ///
    /// `sound` is the host that was found valid last. Nearly all requests name the same one, and a
    /// comparison costs less than the grammar.
    #[inline]
    pub(super) fn host(
        &self,
        version: Version,
        authority: Option<Range<usize>>,
        sound: &mut Vec<u8>,
    ) -> Result<Host, Rejection> {
        match self.host {
            Some(_) if self.repeated_host => Err(Rejection::bad_request("Host is repeated")),
            Some(value) if value != sound && !check_host(value, sound) => {
                Err(Rejection::bad_request("Host is invalid"))
            }
            None if version != Version::HTTP_10 => Err(Rejection::bad_request("Host is missing")),
            known => Ok(match (authority, known) {
                (Some(range), _) => Host::Target(range),
                (None, Some(_)) => Host::Field,
                (None, None) => Host::None,
            }),
        }
    }

    /// RFC 9110 §10.1.1: an expectation in HTTP/1.0 is ignored; one that is unknown is refused.
    #[inline]
    pub(super) fn expects_continue(&self, version: Version) -> Result<bool, Rejection> {
        match self.expect {
            None => Ok(false),
            Some(_) if version == Version::HTTP_10 => Ok(false),
            Some(value) if value.eq_ignore_ascii_case(b"100-continue") => Ok(true),
            Some(_) => {
                let status = StatusCode::EXPECTATION_FAILED;
                Err(Rejection::new(status, "Expect is not 100-continue"))
            }
        }
    }
}

/// Checks a host by the grammar and remembers a valid one.
#[inline(never)]
fn check_host(value: &[u8], sound: &mut Vec<u8>) -> bool {
    let valid = target::is_host(value);
    if valid {
        sound.clear();
        sound.extend_from_slice(value.get(..MAX_REMEMBERED).map_or(value, |_| &[]));
    }
    valid
}

/// A host of so many octets or more is not remembered.
const MAX_REMEMBERED: usize = 256;
