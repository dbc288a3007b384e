//! The first response, read in full and checked.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;

use crate::tls::Opening;
use crate::{connect, options::Options, request, websocket};

/// What the first exchange taught.
#[derive(Debug)]
pub(crate) struct Probe {
    /// The bytes of one request.
    pub(crate) request: Vec<u8>,
    /// Bytes of one response, head and body.
    pub(crate) length: usize,
}

/// Sends one request on a connection of its own and checks what comes back.
///
/// # Errors
///
/// When the status is not 200, a promised field is missing, or the body is not the expected one; of an
/// echo, when other octets come back than were sent.
pub(crate) fn first_response(options: &Options) -> Result<Probe> {
    if options.tls.is_some() {
        return websocket::first_echo(Opening::new(options)?.ready(options, 0)?, options);
    }
    let mut stream = connect::ready(options, 0)?;
    if options.websocket.is_some() {
        return websocket::first_echo(stream, options);
    }
    if let Some(length) = options.echo {
        return first_echo(stream, length);
    }
    let request = request::one(options);
    stream.write_all(&request)?;
    let mut received = Vec::new();
    let mut buffer = [0; 16 * 1024];
    let head = loop {
        if let Some(at) = received.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        match stream.read(&mut buffer)? {
            0 => return Err(Error::other("the server closed before the end of the head")),
            n => received.extend_from_slice(&buffer[..n]),
        }
    };
    let announced = check_head(&String::from_utf8_lossy(&received[..head]))?;
    while !is_whole(&received[head..], announced) {
        match stream.read(&mut buffer)? {
            0 => return Err(Error::other("the server closed before the end of the body")),
            n => received.extend_from_slice(&buffer[..n]),
        }
    }
    let length = announced.map_or(received.len(), |octets| head + octets);
    let body = &received[head..];
    if options
        .expect
        .as_ref()
        .is_some_and(|text| text.as_bytes() != body)
    {
        return Err(Error::other(format!(
            "body is {:?}",
            String::from_utf8_lossy(body)
        )));
    }
    Ok(Probe { request, length })
}

/// Sends octets of all values, line ends at the end, and checks that the same ones come back.
fn first_echo(mut stream: TcpStream, length: usize) -> Result<Probe> {
    let octets = (0..=u8::MAX).cycle().take(length.saturating_sub(1));
    let request: Vec<u8> = octets.chain([b'\n']).collect();
    stream.write_all(&request)?;
    let mut received = vec![0; request.len()];
    stream.read_exact(&mut received)?;
    if received != request {
        return Err(Error::other("what came back is not what was sent"));
    }
    Ok(Probe { length, request })
}

/// Tells whether a body of the announced length, or a chunked one, is complete. Every later response must
/// come in chunks of the same sizes.
fn is_whole(body: &[u8], announced: Option<usize>) -> bool {
    match announced {
        Some(length) => body.len() >= length,
        None => body.ends_with(b"\r\n0\r\n\r\n"),
    }
}

/// Returns the Content-Length of an acceptable head; `None` for a chunked body.
fn check_head(head: &str) -> Result<Option<usize>> {
    if !head.starts_with("HTTP/1.1 200 ") {
        return Err(Error::other(format!("first response is {head:?}")));
    }
    let field = |name: &str| {
        head.lines().skip(1).find_map(|line| {
            let (left, right) = line.split_once(':')?;
            left.eq_ignore_ascii_case(name).then(|| right.trim())
        })
    };
    for name in ["date", "server", "content-type"] {
        if field(name).is_none() {
            return Err(Error::other(format!("no {name} in {head:?}")));
        }
    }
    if field("transfer-encoding") == Some("chunked") {
        return Ok(None);
    }
    let length = field("content-length").and_then(|text| text.parse().ok());
    let length = length.ok_or_else(|| Error::other(format!("no content-length in {head:?}")))?;
    Ok(Some(length))
}
