//! The WebSocket decoder: the same events from the same octets however they are split, and no memory
//! beyond the limit.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::ws::deflate::Inflater;
use waterspout_http::ws::frame::Role;
use waterspout_http::ws::{Decoder, Event};

const LIMIT: usize = 4096;

fuzz_target!(|input: &[u8]| {
    let (&seed, input) = input.split_first().unwrap_or((&0, &[]));
    let role = if seed & 1 == 0 {
        Role::Server
    } else {
        Role::Client
    };
    let deflate = seed & 2 != 0;
    let whole = decode(input, role, deflate, |_| usize::MAX);
    let single = decode(input, role, deflate, |_| 1);
    let pieces = decode(input, role, deflate, |at| {
        (usize::from(seed) ^ at.wrapping_mul(31)) % 7 + 1
    });
    assert_eq!(whole.is_none(), single.is_none());
    assert_eq!(whole.is_none(), pieces.is_none());
    if whole.is_some() {
        assert_eq!(whole, single);
        assert_eq!(whole, pieces);
    }
});

/// Decodes the input in pieces; `None` for a violation.
fn decode(
    input: &[u8],
    role: Role,
    deflate: bool,
    piece: impl Fn(usize) -> usize,
) -> Option<Vec<Event>> {
    let mut decoder = Decoder::new(role, LIMIT, deflate.then(|| Inflater::new(false)));
    let (mut events, mut buffer, mut at) = (Vec::new(), Vec::new(), 0);
    while at < input.len() {
        let end = at.saturating_add(piece(at)).min(input.len());
        buffer.extend_from_slice(&input[at..end]);
        at = end;
        loop {
            let step = decoder.decode(&buffer).ok()?;
            buffer.drain(..step.consumed);
            let Some(event) = step.event else { break };
            if let Event::Message(message) = &event {
                assert!(message.len() <= LIMIT);
            }
            events.push(event);
        }
    }
    Some(events)
}
