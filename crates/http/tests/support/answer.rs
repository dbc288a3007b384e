//! A strict reader of answers.

/// One parsed answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Lower-case names and values, in order.
    pub(crate) fields: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn values(&self, name: &str) -> Vec<&str> {
        let fields = self.fields.iter().filter(|(known, _)| known == name);
        fields.map(|(_, value)| value.as_str()).collect()
    }

    pub(crate) fn says_close(&self) -> bool {
        self.values("connection")
            .iter()
            .any(|value| value.eq_ignore_ascii_case("close"))
    }
}

/// Takes one answer off the front: the answer and the octets used, `None` if it is not whole.
///
/// # Errors
///
/// What is wrong with it.
pub(crate) fn parse(
    input: &[u8],
    to_head: bool,
    eof: bool,
) -> Result<Option<(Answer, usize)>, String> {
    let Some(end) = find(input, b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&input[..end]).into_owned();
    let mut lines = text.split("\r\n");
    let status = status(lines.next().unwrap_or_default())?;
    let fields = lines.map(field).collect::<Result<Vec<_>, _>>()?;
    let mut answer = Answer {
        status,
        fields,
        body: Vec::new(),
    };
    check_framing(&answer)?;
    let start = end + 4;
    if to_head || status < 200 || matches!(status, 204 | 304) {
        return Ok(Some((answer, start)));
    }
    let Some((body, used)) = body(&answer, &input[start..], eof)? else {
        return Ok(None);
    };
    answer.body = body;
    Ok(Some((answer, start + used)))
}

pub(crate) fn find(input: &[u8], what: &[u8]) -> Option<usize> {
    input.windows(what.len()).position(|window| window == what)
}

fn status(line: &str) -> Result<u16, String> {
    let status = line
        .strip_prefix("HTTP/1.1 ")
        .and_then(|rest| rest.split(' ').next());
    let status = status.and_then(|digits| digits.parse().ok());
    status
        .filter(|status| (100..600).contains(status))
        .ok_or(format!("status line {line:?}"))
}

fn field(line: &str) -> Result<(String, String), String> {
    let parts = line.split_once(':').filter(|(name, value)| {
        let token = |octet: u8| octet.is_ascii_alphanumeric() || octet == b'-';
        !name.is_empty() && name.bytes().all(token) && !value.contains(['\r', '\n', '\0'])
    });
    let (name, value) = parts.ok_or(format!("field line {line:?}"))?;
    Ok((
        name.to_ascii_lowercase(),
        value.trim_matches([' ', '\t']).into(),
    ))
}

/// RFC 9112 §6: what an answer may say about its own length; RFC 9110 §6.6.1: its date.
fn check_framing(answer: &Answer) -> Result<(), String> {
    let (lengths, codings) = (
        answer.values("content-length"),
        answer.values("transfer-encoding"),
    );
    let wrong = lengths.len() + codings.len() > 1
        || lengths
            .iter()
            .any(|length| !length.bytes().all(|o| o.is_ascii_digit()))
        || codings.iter().any(|coding| *coding != "chunked")
        || ((answer.status < 200 || answer.status == 204) && lengths.len() + codings.len() > 0);
    if wrong {
        return Err(format!(
            "{} with {lengths:?} and {codings:?}",
            answer.status
        ));
    }
    if (200..500).contains(&answer.status) && answer.values("date").len() != 1 {
        return Err(format!("{} without one Date", answer.status));
    }
    Ok(())
}

/// The body and the octets used.
fn body(answer: &Answer, input: &[u8], eof: bool) -> Result<Option<(Vec<u8>, usize)>, String> {
    if !answer.values("transfer-encoding").is_empty() {
        return chunked(input);
    }
    let Some(length) = answer
        .values("content-length")
        .first()
        .map(|text| text.parse())
    else {
        return Ok(eof.then(|| (input.to_vec(), input.len())));
    };
    let length: usize = length.map_err(|_| "Content-Length".to_owned())?;
    Ok(input.get(..length).map(|body| (body.to_vec(), length)))
}

fn chunked(input: &[u8]) -> Result<Option<(Vec<u8>, usize)>, String> {
    let (mut body, mut at) = (Vec::new(), 0);
    loop {
        let Some(end) = find(&input[at..], b"\r\n") else {
            return Ok(None);
        };
        let line = String::from_utf8_lossy(&input[at..at + end]);
        let size = usize::from_str_radix(&line, 16).map_err(|_| format!("chunk size {line:?}"))?;
        at += end + 2;
        let Some(data) = input.get(at..at + size + 2) else {
            return Ok(None);
        };
        let data = data.strip_suffix(b"\r\n").ok_or("chunk without CR LF")?;
        body.extend_from_slice(data);
        at += size + 2;
        if size == 0 {
            return Ok(Some((body, at)));
        }
    }
}
