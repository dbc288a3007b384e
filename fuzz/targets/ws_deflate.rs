//! permessage-deflate: offers never panic, noise inflates to the limit at the most, and what is
//! compressed inflates.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::ws::CompressionOptions;
use waterspout_http::ws::deflate::{Compressor, Inflater, Params};

const LIMIT: usize = 65_536;

fuzz_target!(|input: &[u8]| {
    let (&seed, input) = input.split_first().unwrap_or((&0, &[]));
    let options = CompressionOptions::default()
        .level(seed % 10)
        .context_takeover(seed & 1 == 0);
    let offers = input.split(|octet| *octet == b'\n');
    if let Some(params) = Params::negotiate(offers, &options) {
        assert!((9..=15).contains(&params.server_max_window_bits));
        assert!((8..=15).contains(&params.client_max_window_bits));
        assert!(!params.to_string().contains(['\r', '\n']));
    }
    let mut message = Vec::new();
    let mut inflater = Inflater::new(false);
    for piece in input.chunks(usize::from(seed) + 1) {
        if inflater.inflate(piece, &mut message, LIMIT).is_err() {
            break;
        }
        assert!(message.len() <= LIMIT);
    }
    let mut compressed = Vec::new();
    Compressor::new(&options, 9 + seed % 7, true).compress(input, &mut compressed);
    let (mut inflater, mut message) = (Inflater::new(true), Vec::new());
    inflater
        .inflate(&compressed, &mut message, input.len())
        .expect("it is deflated");
    inflater
        .finish(&mut message, input.len())
        .expect("it is whole");
    assert_eq!(message, input);
});
