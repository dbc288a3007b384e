//! What went wrong in other WebSocket libraries, played against ours on the level of octets.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

use waterspout_http::ws::deflate::{Compressor, Inflater};
use waterspout_http::ws::frame::{FrameHead, OpCode, Role};
use waterspout_http::ws::{CloseCode, CompressionOptions, Decoder, Event, MAX_FRAGMENTS};

/// The head of a frame that `role` reads, with a mask of zeros where one is due.
fn head(role: Role, opcode: OpCode, fin: bool, compressed: bool, length: u64) -> Vec<u8> {
    let head = FrameHead {
        fin,
        compressed,
        opcode,
        mask: (role == Role::Server).then_some([0; 4]),
        length,
    };
    let mut octets = Vec::new();
    head.encode(&mut octets);
    octets
}

/// Octets of address space that this process has asked for.
fn reserved() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    let pages: u64 = text.split(' ').next().unwrap().parse().unwrap();
    pages * 4096
}

#[test]
fn memory_grows_with_what_comes_and_not_with_what_is_announced() {
    // RUSTSEC-2020-0043 of ws and RUSTSEC-2022-0035 of websocket.
    const GIGABYTE: usize = 1 << 30;
    for role in [Role::Server, Role::Client] {
        let mut decoders = Vec::new();
        let before = reserved();
        for _ in 0..16 {
            let mut decoder = Decoder::new(role, GIGABYTE, None);
            let octets = head(role, OpCode::Binary, true, false, GIGABYTE as u64);
            assert!(decoder.decode(&octets).unwrap().event.is_none());
            decoders.push(decoder);
        }
        assert!(reserved() - before < GIGABYTE as u64);
    }
}

#[test]
fn a_message_of_endless_empty_fragments_ends() {
    // GHSA-96hv-2xvq-fx4p of Node's ws.
    let mut decoder = Decoder::new(Role::Server, 1024, None);
    let first = head(Role::Server, OpCode::Text, false, false, 0);
    decoder.decode(&first).unwrap();
    let more = head(Role::Server, OpCode::Continuation, false, false, 0);
    let mut fragments = 1;
    let violation = loop {
        match decoder.decode(&more) {
            Ok(_) => fragments += 1,
            Err(violation) => break violation,
        }
    };
    assert_eq!(violation.code(), CloseCode::TOO_BIG);
    assert_eq!(fragments, MAX_FRAGMENTS);
}

#[test]
fn four_mebibytes_in_fragments_of_64_octets_are_a_message() {
    // Autobahn's case 9.3.1, which ends with an empty fragment.
    let mut decoder = Decoder::new(Role::Server, 4 << 20, None);
    let mut opcode = OpCode::Binary;
    for _ in 0..65_536 {
        let mut octets = head(Role::Server, opcode, false, false, 64);
        octets.extend_from_slice(&[7; 64]);
        let step = decoder.decode(&octets).unwrap();
        assert_eq!((step.consumed, step.event), (octets.len(), None));
        opcode = OpCode::Continuation;
    }
    let last = head(Role::Server, opcode, true, false, 0);
    let event = decoder.decode(&last).unwrap().event;
    assert!(matches!(event, Some(Event::Message(message)) if message.len() == 4 << 20));
}

#[test]
fn a_compressed_frame_without_the_extension_is_refused() {
    // GHSA-mq44-7p77-q5h7 of aiohttp.
    for role in [Role::Server, Role::Client] {
        let mut decoder = Decoder::new(role, 1024, None);
        let octets = head(role, OpCode::Text, true, true, 5);
        let violation = decoder.decode(&octets).unwrap_err();
        assert_eq!(violation.code(), CloseCode::PROTOCOL_ERROR);
    }
}

#[test]
fn a_bomb_ends_at_the_size_of_a_message_on_both_sides() {
    // undici before 6.24: a client that inflated without a limit.
    let mut compressed = Vec::new();
    let options = CompressionOptions::default();
    Compressor::new(&options, 15, true).compress(&vec![0; 20 << 20], &mut compressed);
    for role in [Role::Server, Role::Client] {
        let mut decoder = Decoder::new(role, 1 << 20, Some(Inflater::new(true)));
        let length = compressed.len() as u64;
        let mut octets = head(role, OpCode::Binary, true, true, length);
        octets.extend_from_slice(&compressed);
        let mut rest = &octets[..];
        let violation = loop {
            match decoder.decode(rest) {
                Ok(step) => rest = &rest[step.consumed..],
                Err(violation) => break violation,
            }
        };
        assert_eq!(violation.code(), CloseCode::TOO_BIG);
        assert!(violation.reason().contains("after decompression"));
    }
}
