//! A second opinion on HTTP/1.1: slow, naive readers of whole messages that share no code with the
//! codecs. Where a codec accepts, the oracle must accept too.

pub(crate) mod chunked;
pub(crate) mod head;

/// Splits off the line up to the first CR LF; `None` if there is none or a CR or LF stands alone.
fn line(input: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = input
        .iter()
        .position(|octet| matches!(octet, b'\r' | b'\n'))?;
    input[end..]
        .starts_with(b"\r\n")
        .then(|| (&input[..end], &input[end + 2..]))
}

fn is_token(text: &[u8]) -> bool {
    let special = b"!#$%&'*+-.^_`|~";
    !text.is_empty()
        && text
            .iter()
            .all(|o| o.is_ascii_alphanumeric() || special.contains(o))
}

/// A field line without its CR LF: its name and its value without blanks around it.
fn field(line: &[u8]) -> Option<(String, &[u8])> {
    let colon = line.iter().position(|octet| *octet == b':')?;
    let (name, value) = (&line[..colon], &line[colon + 1..]);
    let printable = |octet: &u8| *octet == b'\t' || (*octet >= b' ' && *octet != 0x7f);
    if !is_token(name) || !value.iter().all(printable) {
        return None;
    }
    Some((
        String::from_utf8_lossy(name).to_ascii_lowercase(),
        trim(value),
    ))
}

/// RFC 9110 §5.6.3: blanks are space and tab and nothing else.
fn trim(value: &[u8]) -> &[u8] {
    let blank = |octet: &&u8| !matches!(octet, b' ' | b'\t');
    let start = value
        .iter()
        .position(|octet| blank(&octet))
        .unwrap_or(value.len());
    let end = value
        .iter()
        .rposition(|octet| blank(&octet))
        .map_or(start, |last| last + 1);
    &value[start..end]
}
