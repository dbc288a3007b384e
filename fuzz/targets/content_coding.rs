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
        let split = decode(coding, coded, piece);
        match (&whole, &split) {
            // Where it goes wrong behind what is enough, one may see that and the other not.
            (End::Enough, _) | (_, End::Enough) => {}
            _ => assert_eq!(split, whole, "{coding}"),
        }
    }
});

#[derive(Debug, PartialEq, Eq)]
enum End {
    Whole(Vec<u8>),
    Invalid,
    Enough,
}

fn decode(coding: &str, coded: &[u8], piece: usize) -> End {
    let mut decoder = Decoder::new(coding).expect("it is one of those there are");
    let mut plain = Vec::new();
    for piece in coded.chunks(piece.min(coded.len().max(1))) {
        decoder.feed(Bytes::copy_from_slice(piece));
        loop {
            match decoder.next_piece() {
                Ok(Some(made)) => {
                    assert!(made.len() <= 32 * 1024);
                    plain.extend_from_slice(&made);
                }
                Ok(None) => break,
                Err(_) => return End::Invalid,
            }
            if plain.len() >= ENOUGH {
                return End::Enough;
            }
        }
    }
    match decoder.finish() {
        Ok(()) => End::Whole(plain),
        Err(_) => End::Invalid,
    }
}
