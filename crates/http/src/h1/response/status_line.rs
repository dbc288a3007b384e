//! The first line of a response.

use std::ops::Range;

use http::{StatusCode, Version};

use crate::h1::parse::Stop;
use crate::headers::is_field_octet;

/// What a status line says, and where the next line begins.
#[derive(Debug)]
pub(super) struct StatusLine {
    pub(super) version: Version,
    pub(super) status: StatusCode,
    pub(super) reason: Range<usize>,
    pub(super) len: usize,
}

/// RFC 9112 §4: `HTTP-version SP status-code SP [ reason-phrase ] CRLF`. The blank before a reason
/// that is absent may be absent too, as many servers have it.
pub(super) fn status_line(bytes: &[u8]) -> Result<StatusLine, Stop> {
    let Some((version, rest)) = bytes.split_first_chunk::<9>() else {
        return Err(partial_version(bytes));
    };
    let version = match version {
        b"HTTP/1.1 " => Version::HTTP_11,
        b"HTTP/1.0 " => Version::HTTP_10,
        _ => {
            return Err(Stop::bad(
                "status line does not begin with HTTP/1.1 or HTTP/1.0",
            ));
        }
    };
    let Some((code, rest)) = rest.split_first_chunk::<3>() else {
        return Err(partial_code(rest));
    };
    let status = status(code)?;
    let start = match rest {
        [b' ', ..] => 13,
        [b'\r', ..] => 12,
        [] => return Err(Stop::Partial),
        _ => return Err(Stop::bad("status code is not followed by a blank")),
    };
    let rest = &bytes[start..];
    let octets = rest.iter().take_while(|octet| is_field_octet(**octet));
    let end = start + octets.count();
    match bytes[end..] {
        [b'\r', b'\n', ..] => Ok(StatusLine {
            version,
            status,
            reason: start..end,
            len: end + 2,
        }),
        [] | [b'\r'] => Err(Stop::Partial),
        [b'\r' | b'\n', ..] => Err(Stop::bad("line does not end in CR LF")),
        _ => Err(Stop::bad("reason has a control character")),
    }
}

/// RFC 9110 §15: three digits from 100 to 599; §15: others are to be treated as invalid.
fn status(code: &[u8; 3]) -> Result<StatusCode, Stop> {
    let digits = code.iter().all(u8::is_ascii_digit);
    let status = StatusCode::from_bytes(code).ok();
    match status {
        Some(status) if digits && status.as_u16() < 600 => Ok(status),
        _ => Err(Stop::bad("status code is not a number from 100 to 599")),
    }
}

#[cold]
fn partial_version(bytes: &[u8]) -> Stop {
    let begins = |text: &[u8]| text.starts_with(bytes);
    if begins(b"HTTP/1.1 ") || begins(b"HTTP/1.0 ") {
        Stop::Partial
    } else {
        Stop::bad("status line does not begin with HTTP/1.1 or HTTP/1.0")
    }
}

#[cold]
fn partial_code(bytes: &[u8]) -> Stop {
    if bytes.iter().all(u8::is_ascii_digit) {
        Stop::Partial
    } else {
        Stop::bad("status code is not a number from 100 to 599")
    }
}
