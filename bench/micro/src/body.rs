//! A body in the chunked coding.

use std::hint::black_box;

use waterspout_http::h1::chunked::Decoder;

const CHUNKS: usize = 10;
const OCTETS: usize = 100;

/// Decodes ten chunks of a hundred octets and the end of the body.
pub(crate) fn decode(turns: u32) {
    let chunk = format!("{OCTETS:x}\r\n{}\r\n", "x".repeat(OCTETS));
    let body = format!("{}0\r\n\r\n", chunk.repeat(CHUNKS));
    for _ in 0..turns {
        let mut decoder = Decoder::new();
        let mut rest = black_box(body.as_bytes());
        let mut octets = 0;
        while !decoder.is_done() {
            let step = decoder.decode(rest).expect("the body is sound");
            octets += step.data.len();
            rest = &rest[step.consumed..];
        }
        assert_eq!(octets, CHUNKS * OCTETS, "every octet came through");
    }
}
