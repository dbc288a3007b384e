//! One request, and its response read in full.

use std::io::{Error, Read, Result, Write};

/// A response.
#[derive(Debug)]
pub(crate) struct Response {
    head: String,
    pub(crate) body: Vec<u8>,
    /// Bytes of all of it.
    pub(crate) length: usize,
}

impl Response {
    /// Returns the status code.
    ///
    /// # Errors
    ///
    /// When the first line is none of HTTP/1.1.
    pub(crate) fn status(&self) -> Result<u16> {
        let code = self.head.strip_prefix("HTTP/1.1 ");
        let code = code.and_then(|rest| rest.get(..3)?.parse().ok());
        code.ok_or_else(|| self.lacks("status"))
    }

    /// Returns the value of a field.
    ///
    /// # Errors
    ///
    /// When the response does not have it.
    pub(crate) fn field(&self, name: &str) -> Result<&str> {
        field(&self.head, name).ok_or_else(|| self.lacks(name))
    }

    fn lacks(&self, what: &str) -> Error {
        Error::other(format!("no {what} in {:?}", self.head))
    }
}

/// Sends a request and reads the response: of the announced length, or in chunks. Every later response must come in
/// chunks of the same sizes.
///
/// # Errors
///
/// When the server closes before the end, or the head does not say where that is.
pub(crate) fn exchange(stream: &mut (impl Read + Write), request: &[u8]) -> Result<Response> {
    stream.write_all(request)?;
    let mut received = Vec::new();
    let head = loop {
        if let Some(at) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        read_more(stream, &mut received)?;
    };
    let text = String::from_utf8_lossy(&received[..head]).into_owned();
    let length = if text.starts_with("HTTP/1.1 304 ") {
        // It has no body, whatever length it announces.
        head
    } else if field(&text, "transfer-encoding") == Some("chunked") {
        while !received[head..].ends_with(b"\r\n0\r\n\r\n") {
            read_more(stream, &mut received)?;
        }
        received.len()
    } else {
        let octets = field(&text, "content-length").and_then(|text| text.parse::<usize>().ok());
        let octets =
            octets.ok_or_else(|| Error::other(format!("no content-length in {text:?}")))?;
        while received.len() < head + octets {
            read_more(stream, &mut received)?;
        }
        head + octets
    };
    Ok(Response {
        head: text,
        body: received.split_off(head),
        length,
    })
}

fn read_more(stream: &mut impl Read, received: &mut Vec<u8>) -> Result<()> {
    let mut buffer = [0; 16 * 1024];
    match stream.read(&mut buffer)? {
        0 => Err(Error::other(
            "the server closed before the end of a response",
        )),
        n => {
            received.extend_from_slice(&buffer[..n]);
            Ok(())
        }
    }
}

fn field<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().skip(1).find_map(|line| {
        let (left, right) = line.split_once(':')?;
        left.eq_ignore_ascii_case(name).then(|| right.trim())
    })
}
