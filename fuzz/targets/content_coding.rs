//! Content codings undone: the same however the coded data is split, in bounded pieces.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::Bytes;
use waterspout_http::coding::{DECODABLE, Decoder};

/// A bomb is left alone after so many octets.
const ENOUGH: usize = 1024 * 1024;

fuzz_target!(|input: &[u8]| {
    let Some((&which, coded)) = input.split_first() else {
        return;
    };
    let coding = DECODABLE[usize::from(which) % DECODABLE.len()];
    let whole = decode(coding, coded, usize::MAX);
    for piece in [1, 7] {
        assert_eq!(decode(coding, coded, piece), whole, "{coding}");
    }
});

/// What the data comes to, up to where there is enough of it; `None` for no such data.
fn decode(coding: &str, coded: &[u8], piece: usize) -> Option<Vec<u8>> {
    let (mut decoder, mut plain) = (Decoder::new(coding)?, Vec::new());
    for piece in coded.chunks(piece.min(coded.len().max(1))) {
        decoder.feed(Bytes::copy_from_slice(piece));
        while let Some(made) = decoder.next_piece().ok()? {
            assert!(made.len() <= 32 * 1024);
            plain.extend_from_slice(&made);
            if plain.len() >= ENOUGH {
                plain.truncate(ENOUGH);
                return Some(plain);
            }
        }
    }
    decoder.finish().ok().map(|()| plain)
}
