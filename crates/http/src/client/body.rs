//! Bodies of requests.

use std::cell::RefCell;
use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Poll, Waker};

use bytes::Bytes;

/// What a producer of a body returns when it fails.
pub type ProducerError = Box<dyn StdError>;

pub(super) type Production = Pin<Box<dyn Future<Output = Result<(), ProducerError>>>>;

/// What makes a body, each time it is sent.
pub(super) type Produce = Rc<dyn Fn(BodyWriter) -> Production>;

/// Boxes what a producer returns.
pub(super) fn produce_by<F>(produce: F) -> Produce
where
    F: AsyncFn(BodyWriter) -> Result<(), ProducerError> + 'static,
{
    let produce = Rc::new(produce);
    Rc::new(move |writer| {
        let produce = Rc::clone(&produce);
        Box::pin(async move { produce(writer).await })
    })
}

/// The body of a request.
#[derive(Clone)]
pub(super) enum RequestBody {
    Whole(Bytes),
    Produced {
        produce: Produce,
        length: Option<u64>,
    },
}

impl fmt::Debug for RequestBody {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whole(bytes) => write!(f, "Whole({} octets)", bytes.len()),
            Self::Produced { length, .. } => write!(f, "Produced({length:?})"),
        }
    }
}

/// What a body producer writes to.
///
/// # Examples
///
/// See [`HttpRequest::body_producer`](super::HttpRequest::body_producer).
#[derive(Debug)]
pub struct BodyWriter {
    place: Rc<RefCell<Place>>,
}

/// Where one piece waits to be taken by the connection.
#[derive(Debug, Default)]
pub(super) struct Place {
    piece: Option<Bytes>,
    writer: Option<Waker>,
    /// Octets of all pieces that were written.
    written: u64,
}

impl BodyWriter {
    pub(super) fn new() -> (Self, Rc<RefCell<Place>>) {
        let place = Rc::default();
        let writer = Self {
            place: Rc::clone(&place),
        };
        (writer, place)
    }

    /// Another writer of the same body, for a part of it.
    pub(super) fn another(&self) -> Self {
        Self {
            place: Rc::clone(&self.place),
        }
    }

    /// Octets that were written so far.
    pub(super) fn written(&self) -> u64 {
        self.place.borrow().written
    }

    /// Writes a piece of the body; waits until the connection has room for it. An empty piece sends
    /// nothing.
    ///
    /// # Cancel safety
    ///
    /// Cancel safe before the first poll; a piece that was polled once is sent.
    pub async fn write(&mut self, piece: impl Into<Bytes>) {
        let mut piece = Some(piece.into()).filter(|piece| !piece.is_empty());
        poll_fn(|cx| {
            let mut place = self.place.borrow_mut();
            if place.piece.is_none() {
                match piece.take() {
                    Some(piece) => {
                        place.written += piece.len() as u64;
                        place.piece = Some(piece);
                    }
                    None => return Poll::Ready(()),
                }
            }
            place.writer = Some(cx.waker().clone());
            Poll::Pending
        })
        .await;
    }
}

impl Place {
    /// Takes the piece that waits and wakes the producer.
    pub(super) fn take(&mut self) -> Option<Bytes> {
        let piece = self.piece.take();
        if piece.is_some()
            && let Some(writer) = self.writer.take()
        {
            writer.wake();
        }
        piece
    }
}

/// `application/x-www-form-urlencoded`, as the URL standard has it.
pub(super) fn encode_form<'p>(pairs: impl IntoIterator<Item = (&'p str, &'p str)>) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        encode_form_octets(name.as_bytes(), value.as_bytes(), 0, &mut out);
    }
    out
}

/// Appends one pair to those that stand in `out` from `begin` on.
pub(super) fn encode_form_octets(name: &[u8], value: &[u8], begin: usize, out: &mut String) {
    if out.len() > begin {
        out.push('&');
    }
    encode_part(name, out);
    out.push('=');
    encode_part(value, out);
}

fn encode_part(text: &[u8], out: &mut String) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    for octet in text.iter().copied() {
        match octet {
            b' ' => out.push('+'),
            b'*' | b'-' | b'.' | b'_' => out.push(char::from(octet)),
            octet if octet.is_ascii_alphanumeric() => out.push(char::from(octet)),
            octet => {
                out.push('%');
                out.push(char::from(HEX[usize::from(octet >> 4)]));
                out.push(char::from(HEX[usize::from(octet & 15)]));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_encoded_as_browsers_do() {
        let pairs = [("a b", "c&d=é"), ("", "~*-._")];
        assert_eq!(encode_form(pairs), "a+b=c%26d%3D%C3%A9&=%7E*-._");
        assert_eq!(encode_form([]), "");
    }
}
