//! The head of a response.

use std::hint::black_box;

use waterspout_http::ResponseHead;
use waterspout_http::h1::encode::{Persistence, Preamble, ResponseFraming, encode_head};

/// Encodes the head of the plaintext reply into a buffer that is used again.
pub(crate) fn encode(turns: u32) {
    let mut head = ResponseHead::new();
    head.set_content_type("text/plain; charset=utf-8");
    // Made once a second by the server, so not counted here.
    let preamble = Preamble::new(b"Waterspout/0.1.0", b"Fri, 20 Nov 2026 12:00:00 GMT");
    let mut out = Vec::with_capacity(4096);
    for _ in 0..turns {
        out.clear();
        encode_head(
            black_box(&head),
            ResponseFraming::Length(black_box(13)),
            Persistence::Open,
            black_box(&preamble),
            &mut out,
        );
        black_box(&mut out);
    }
}
