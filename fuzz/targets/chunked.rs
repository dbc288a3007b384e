//! The chunked decoder: the same body from the same octets however they are split, nothing accepted
//! that a naive reader refuses, and what it encodes it decodes.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::h1::chunked::{Decoder, LAST, encode};

#[expect(dead_code, reason = "the other target uses the rest")]
#[path = "../../crates/http/tests/oracle/mod.rs"]
mod oracle;

/// What came of one input: the body, the octets used, and whether the end or an error was reached.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    body: Vec<u8>,
    consumed: usize,
    end: End,
}

#[derive(Debug, PartialEq, Eq)]
enum End {
    Done,
    WantsMore,
    Refused,
}

fuzz_target!(|input: &[u8]| {
    let (&seed, input) = input.split_first().unwrap_or((&0, &[]));
    let whole = decode(input, |_| usize::MAX);
    let single = decode(input, |_| 1);
    let pieces = decode(input, |at| {
        (usize::from(seed) ^ at.wrapping_mul(31)) % 7 + 1
    });
    assert_same(&whole, &single);
    assert_same(&whole, &pieces);
    if whole.end == End::Done {
        let wanted = oracle::chunked::read(input).expect("accepted what the oracle refuses");
        assert_eq!((whole.body, whole.consumed), wanted);
    }
    round_trip(input, usize::from(seed) + 1);
});

/// Decodes the input in pieces of the length that `piece` tells for each offset.
fn decode(input: &[u8], piece: impl Fn(usize) -> usize) -> Outcome {
    let mut decoder = Decoder::new();
    let mut outcome = Outcome {
        body: Vec::new(),
        consumed: 0,
        end: End::WantsMore,
    };
    while outcome.consumed < input.len() && outcome.end == End::WantsMore {
        let rest = &input[outcome.consumed..];
        let rest = &rest[..rest.len().min(piece(outcome.consumed))];
        let Ok(step) = decoder.decode(rest) else {
            outcome.end = End::Refused;
            return outcome;
        };
        assert!(step.consumed > 0 && step.consumed <= rest.len());
        assert!(step.data.start <= step.data.end && step.data.end <= step.consumed);
        outcome.body.extend_from_slice(&rest[step.data]);
        outcome.consumed += step.consumed;
        if decoder.is_done() {
            outcome.end = End::Done;
        }
    }
    outcome
}

/// A refusal tells not how much it consumed; all else is equal.
fn assert_same(a: &Outcome, b: &Outcome) {
    assert_eq!(a.end, b.end);
    assert_eq!(a.body, b.body);
    if a.end != End::Refused {
        assert_eq!(a.consumed, b.consumed);
    }
}

fn round_trip(data: &[u8], size: usize) {
    let mut encoded = Vec::new();
    for piece in data.chunks(size) {
        encode(piece, &mut encoded);
    }
    encoded.extend_from_slice(LAST);
    let outcome = decode(&encoded, |_| usize::MAX);
    let wanted = Outcome {
        body: data.to_vec(),
        consumed: encoded.len(),
        end: End::Done,
    };
    assert_eq!(outcome, wanted);
}
