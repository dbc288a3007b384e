//! RFC 9112 §3 to §6, read line by line.

use super::{field, is_token, line};

/// What a head says, as far as two readers could disagree about it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Head {
    /// Octets up to the end of the empty line.
    pub(crate) len: usize,
    pub(crate) method: Vec<u8>,
    pub(crate) target: Vec<u8>,
    pub(crate) minor_version: u8,
    /// Lower-case names and values, in order.
    pub(crate) fields: Vec<(String, Vec<u8>)>,
    pub(crate) body: Body,
    pub(crate) closes: bool,
}

/// Where the body ends.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Body {
    None,
    Length(u64),
    Chunked,
}

/// Reads a whole head; `None` if it is not whole or not valid.
pub(crate) fn read(input: &[u8]) -> Option<Head> {
    let (start, mut rest) = line(input)?;
    let parts: Vec<&[u8]> = start.split(|octet| *octet == b' ').collect();
    let &[method, target, version] = parts.as_slice() else {
        return None;
    };
    let minor_version = match version {
        b"HTTP/1.1" => 1,
        b"HTTP/1.0" => 0,
        _ => return None,
    };
    let mut fields = Vec::new();
    loop {
        let (text, after) = line(rest)?;
        rest = after;
        if text.is_empty() {
            break;
        }
        let (name, value) = field(text)?;
        fields.push((name, value.to_vec()));
    }
    let len = input.len() - rest.len();
    if !is_token(method) || !is_target(target) || fields.len() > 100 || len > 64 * 1024 {
        return None;
    }
    check_host(&fields, minor_version)?;
    let body = body(&fields, minor_version)?;
    let closes = closes(&fields, minor_version);
    let (method, target) = (method.to_vec(), target.to_vec());
    Some(Head {
        len,
        method,
        target,
        minor_version,
        fields,
        body,
        closes,
    })
}

fn is_target(target: &[u8]) -> bool {
    let visible = target
        .iter()
        .all(|octet| octet.is_ascii_graphic() && *octet != b'#');
    !target.is_empty() && visible && target.len() <= 16 * 1024
}

fn values<'a>(fields: &'a [(String, Vec<u8>)], name: &str) -> Vec<&'a [u8]> {
    fields
        .iter()
        .filter(|field| field.0 == name)
        .map(|field| field.1.as_slice())
        .collect()
}

/// RFC 9112 §3.2. Only what no host can have is checked here.
fn check_host(fields: &[(String, Vec<u8>)], minor_version: u8) -> Option<()> {
    match values(fields, "host").as_slice() {
        [] => (minor_version == 0).then_some(()),
        [host] => {
            let allowed = b"-._~%!$&'()*+;=[]:";
            host.iter()
                .all(|o| o.is_ascii_alphanumeric() || allowed.contains(o))
                .then_some(())
        }
        _ => None,
    }
}

/// RFC 9112 §6.3, in the strictest reading.
fn body(fields: &[(String, Vec<u8>)], minor_version: u8) -> Option<Body> {
    let lengths = values(fields, "content-length");
    let codings = values(fields, "transfer-encoding");
    match (lengths.as_slice(), codings.as_slice()) {
        ([], []) => Some(Body::None),
        ([length], []) if length.iter().all(u8::is_ascii_digit) => {
            match std::str::from_utf8(length).ok()?.parse().ok()? {
                0 => Some(Body::None),
                length => Some(Body::Length(length)),
            }
        }
        ([], [coding]) if minor_version == 1 && coding.eq_ignore_ascii_case(b"chunked") => {
            Some(Body::Chunked)
        }
        _ => None,
    }
}

/// RFC 9112 §9.3: whether the connection ends after this request.
fn closes(fields: &[(String, Vec<u8>)], minor_version: u8) -> bool {
    let joined = values(fields, "connection").join(&b',');
    let options: Vec<String> = String::from_utf8_lossy(&joined)
        .split(',')
        .map(|option| option.trim_matches([' ', '\t']).to_ascii_lowercase())
        .collect();
    let has = |name: &str| options.iter().any(|option| option == name);
    has("close") || (minor_version == 0 && !has("keep-alive"))
}
