//! WebSockets: the handshake, and one message that is sent again and again.

use std::io::{Error, Read, Result, Write};

use zlib_rs::{Deflate, DeflateConfig, DeflateFlush};

use crate::options::Options;
use crate::probe::Probe;

/// One key for all frames: a server unmasks alike whatever the key is.
const KEY: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// Asks for a WebSocket and reads the answer, octet by octet so that no frame is read with it.
///
/// # Errors
///
/// When the answer is no 101, or does not agree to the compression that was asked for.
pub(crate) fn open(stream: &mut (impl Read + Write), options: &Options) -> Result<()> {
    let extension = if options.deflate {
        "Sec-WebSocket-Extensions: permessage-deflate; client_no_context_takeover; \
         server_no_context_takeover\r\n"
    } else {
        ""
    };
    let opening = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{extension}\r\n",
        options.path, options.target
    );
    stream.write_all(opening.as_bytes())?;
    let mut head = Vec::new();
    let mut octet = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut octet)?;
        head.push(octet[0]);
    }
    let head = String::from_utf8_lossy(&head).to_ascii_lowercase();
    if !head.starts_with("http/1.1 101 ") || options.deflate != head.contains("permessage-deflate")
    {
        return Err(Error::other(format!("the answer is {head:?}")));
    }
    Ok(())
}

/// Sends the message once and learns how long the echo is.
///
/// # Errors
///
/// When what comes back is not the message.
pub(crate) fn first_echo(mut stream: impl Read + Write, options: &Options) -> Result<Probe> {
    let message = message(options);
    let payload = if options.deflate {
        deflated(&message)
    } else {
        message.clone()
    };
    let request = frame(&payload, options.deflate);
    stream.write_all(&request)?;
    let mut head = [0; 2];
    stream.read_exact(&mut head)?;
    let (extended, length) = match head[1] {
        126 => {
            let mut octets = [0; 2];
            stream.read_exact(&mut octets)?;
            (2, usize::from(u16::from_be_bytes(octets)))
        }
        short @ 0..=125 => (0, usize::from(short)),
        _ => return Err(Error::other("the echo is masked or too long")),
    };
    let mut echo = vec![0; length];
    stream.read_exact(&mut echo)?;
    if !options.deflate && echo != message {
        return Err(Error::other("the echo is not what was sent"));
    }
    let length = 2 + extended + length;
    Ok(Probe { request, length })
}

/// Text: letters, or JSON of small records where it is to be compressed.
pub(crate) fn message(options: &Options) -> Vec<u8> {
    let size = options.websocket.unwrap_or(0);
    let mut text = Vec::new();
    if options.deflate {
        text.push(b'[');
        for id in 0.. {
            let record = format!(
                "{{\"id\":{},\"user\":\"u{:04}\",\"text\":\"message {} of many\"}},",
                id * 7919,
                id * 37 % 1000,
                id * id
            );
            if text.len() + record.len() >= size {
                break;
            }
            text.extend_from_slice(record.as_bytes());
        }
        text.resize(size - 1, b' ');
        text.push(b']');
    } else {
        text.extend((b'a'..=b'z').cycle().take(size));
    }
    text
}

fn frame(payload: &[u8], compressed: bool) -> Vec<u8> {
    let mut octets = vec![if compressed { 0xc1 } else { 0x81 }];
    match u8::try_from(payload.len()) {
        Ok(short @ ..=125) => octets.push(0x80 | short),
        _ => {
            let medium = u16::try_from(payload.len()).expect("at most 65,535 octets");
            octets.push(0x80 | 126);
            octets.extend_from_slice(&medium.to_be_bytes());
        }
    }
    octets.extend_from_slice(&KEY);
    let masked = payload.iter().zip(KEY.iter().cycle());
    octets.extend(masked.map(|(octet, key)| octet ^ key));
    octets
}

/// Raw deflate without its last four octets (RFC 7692 §7.2.1).
pub(crate) fn deflated(message: &[u8]) -> Vec<u8> {
    let mut deflate = Deflate::new_with_config(DeflateConfig {
        window_bits: -15,
        ..DeflateConfig::default()
    });
    let mut out = vec![0; message.len() + 64];
    let done = deflate.compress(message, &mut out, DeflateFlush::SyncFlush);
    done.expect("there is room for all of it");
    out.truncate(usize::try_from(deflate.total_out()).expect("a message is small") - 4);
    out
}
