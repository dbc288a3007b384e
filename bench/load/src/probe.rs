//! The first response, read in full and checked.

use std::io::{Error, Read, Result, Write};
use std::net::TcpStream;

use crate::exchange::{Response, exchange};
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
/// When the status is not the wanted one, a promised field is missing, or the body is not the expected one; of an
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
    let request = request::one(options, &learnt(&mut stream, options)?);
    let response = exchange(&mut stream, &request)?;
    check(&response, options)?;
    Ok(Probe {
        request,
        length: response.length,
    })
}

/// Asks for what the request is to repeat: a cookie, or a validator.
fn learnt(stream: &mut TcpStream, options: &Options) -> Result<String> {
    let mut fields = String::new();
    if let Some(path) = &options.cookie_from {
        let response = exchange(stream, &request::earlier(options, path))?;
        let cookie = response.field("set-cookie")?.split(';').next();
        fields += &format!("Cookie: {}\r\n", cookie.unwrap_or_default());
    }
    if let Some(validator) = options.revalidate {
        let response = exchange(stream, &request::earlier(options, &options.path))?;
        let value = response.field(validator.response_field())?;
        fields += &format!("{}: {value}\r\n", validator.request_field());
    }
    Ok(fields)
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

fn check(response: &Response, options: &Options) -> Result<()> {
    let (wanted, fields) = match options.revalidate {
        Some(_) => (304, &["date", "server"][..]),
        None => (200, &["date", "server", "content-type"][..]),
    };
    for name in fields {
        response.field(name)?;
    }
    if response.status()? != wanted {
        return Err(Error::other(format!("first response is {response:?}")));
    }
    let expected = options.expect.as_ref();
    if expected.is_some_and(|text| text.as_bytes() != response.body) {
        let body = String::from_utf8_lossy(&response.body);
        return Err(Error::other(format!("body is {body:?}")));
    }
    Ok(())
}
