use super::*;
use crate::ws::CloseCode;

fn answer(offer: &str, options: CompressionOptions) -> Option<String> {
    let params = Params::negotiate([offer.as_bytes()].into_iter(), &options);
    params.map(|params| params.to_string())
}

fn keeping() -> CompressionOptions {
    CompressionOptions::default().context_takeover(true)
}

#[test]
fn all_four_parameters_are_negotiated() {
    for (offer, wanted) in [
        ("permessage-deflate", "permessage-deflate"),
        (
            "permessage-deflate; client_max_window_bits",
            "permessage-deflate",
        ),
        (
            "permessage-deflate; client_max_window_bits=10; server_max_window_bits=\"9\"",
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10",
        ),
        (
            "x-other, permessage-deflate; server_no_context_takeover; client_no_context_takeover",
            "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
        ),
        (
            "permessage-deflate; server_max_window_bits=8, permessage-deflate",
            "permessage-deflate; server_max_window_bits=8",
        ),
    ] {
        assert_eq!(answer(offer, keeping()).as_deref(), Some(wanted), "{offer}");
    }
    assert_eq!(
        answer("permessage-deflate", CompressionOptions::default()).unwrap(),
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover"
    );
}

#[test]
fn malformed_offers_are_declined() {
    for offer in [
        "permessage-deflate; foo=1",
        "permessage-deflate; server_max_window_bits",
        "permessage-deflate; server_max_window_bits=7",
        "permessage-deflate; server_max_window_bits=16",
        "permessage-deflate; server_max_window_bits=+9",
        "permessage-deflate; client_max_window_bits=09",
        "permessage-deflate; server_no_context_takeover=1",
        "permessage-deflate; client_no_context_takeover; client_no_context_takeover",
        "permessage-deflate; client_max_window_bits; client_max_window_bits=9",
        "permessage-deflate;",
        "x-webkit-deflate-frame",
    ] {
        assert_eq!(answer(offer, keeping()), None, "{offer}");
    }
}

/// RFC 7692 §7.2.3.1, §7.2.3.2 and §7.2.3.6.
#[test]
fn the_examples_of_the_rfc() {
    let mut compressor = Compressor::new(&keeping(), 15, false);
    let mut out = Vec::new();
    compressor.compress(b"Hello", &mut out);
    assert_eq!(out, [0xf2, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00]);
    out.clear();
    compressor.compress(b"Hello", &mut out);
    assert_eq!(out, [0xf2, 0x00, 0x11, 0x00, 0x00]);
    out.clear();
    Compressor::new(&keeping(), 15, false).compress(b"", &mut out);
    assert_eq!(out, [0x00]);
}

/// RFC 7692 §7.2.3.3 to §7.2.3.5: stored, final and several blocks.
#[test]
fn inflates_blocks_of_every_kind() {
    for octets in [
        &[
            0x00, 0x05, 0x00, 0xfa, 0xff, 0x48, 0x65, 0x6c, 0x6c, 0x6f, 0x00,
        ][..],
        &[0xf3, 0x48, 0xcd, 0xc9, 0xc9, 0x07, 0x00, 0x00],
        &[
            0xf2, 0x48, 0x05, 0x00, 0x00, 0x00, 0xff, 0xff, 0xca, 0xc9, 0xc9, 0x07, 0x00,
        ],
    ] {
        let mut message = Vec::new();
        let mut inflater = Inflater::new(true);
        inflater.inflate(octets, &mut message, 100).unwrap();
        inflater.finish(&mut message, 100).unwrap();
        assert_eq!(message, b"Hello");
    }
}

#[test]
fn what_is_compressed_inflates_in_pieces_of_any_size() {
    let text: Vec<u8> = (0..40_000u32)
        .flat_map(|n| (n * n / 7).to_le_bytes())
        .collect();
    for keeps in [false, true] {
        for bits in 9..=15 {
            let mut compressor = Compressor::new(&keeping(), bits, !keeps);
            let mut inflater = Inflater::new(!keeps);
            for size in [1, 7, 1000, 100_000] {
                let payload = &text[..size];
                let mut compressed = Vec::new();
                compressor.compress(payload, &mut compressed);
                let mut message = Vec::new();
                for piece in compressed.chunks(size.div_ceil(3)) {
                    inflater.inflate(piece, &mut message, size).unwrap();
                }
                inflater.finish(&mut message, size).unwrap();
                assert!(message == payload);
            }
        }
    }
}

#[test]
fn a_bomb_ends_at_the_limit_and_noise_is_refused() {
    let mut compressed = Vec::new();
    let mut compressor = Compressor::new(&CompressionOptions::default(), 15, true);
    compressor.compress(&vec![0; 10_000_000], &mut compressed);
    let mut message = Vec::new();
    let bomb = Inflater::new(true).inflate(&compressed, &mut message, 1024);
    assert_eq!(bomb.unwrap_err().code(), CloseCode::TOO_BIG);
    assert!(message.capacity() < 200_000);
    let noise = Inflater::new(true).inflate(&[0xff; 20], &mut Vec::new(), 1024);
    assert_eq!(noise.unwrap_err().code(), CloseCode::INVALID_DATA);
}

#[test]
fn a_whole_message_inflates_at_once_within_the_same_limits() {
    for keeps in [false, true] {
        let mut compressor = Compressor::new(&keeping(), 15, !keeps);
        let mut inflater = Inflater::new(!keeps);
        for size in [0, 1, 1000, 16 * 1024, 100_000] {
            let payload: Vec<u8> = (0..size).map(|n: u32| (n / 7).to_le_bytes()[0]).collect();
            let mut masked = Vec::new();
            compressor.compress(&payload, &mut masked);
            crate::ws::mask::apply(&mut masked, [1, 2, 3, 4], 0);
            let limit = payload.len();
            let whole = inflater.whole(&masked, Some([1, 2, 3, 4]), limit);
            assert!(whole.unwrap().unwrap() == payload, "{size}");
        }
    }
    let mut compressed = Vec::new();
    let mut compressor = Compressor::new(&CompressionOptions::default(), 15, true);
    compressor.compress(&[b'x'; 1025], &mut compressed);
    let inflate = |octets: &[u8], limit| Inflater::new(true).whole(octets, None, limit);
    assert_eq!(
        inflate(&compressed, 1024).unwrap_err().code(),
        CloseCode::TOO_BIG
    );
    assert_eq!(inflate(&compressed, 1025).unwrap().unwrap().len(), 1025);
    assert_eq!(
        inflate(&[0xff; 20], 1024).unwrap_err().code(),
        CloseCode::INVALID_DATA
    );
    assert!(inflate(&[0; 65_537], 1024).unwrap().is_none());
}

#[test]
fn a_window_of_eight_bits_is_kept_to() {
    // Repeats itself after 252 octets, after 256 and after 300.
    let mut text: Vec<u8> = (0..1000u32)
        .map(|n| ((n * n * 31) >> 7).to_le_bytes()[0])
        .collect();
    for distance in [252, 256, 300, 251, 249] {
        let from = text.len() - distance;
        text.extend_from_within(from..from + 200);
    }
    for level in 0..=9 {
        let options = keeping().level(level);
        let mut compressor = Compressor::new(&options, 8, false);
        let mut inflate = zlib_rs::Inflate::new(false, 8);
        for payload in [&text[..], &text[..300], &text[100..900]] {
            let mut compressed = Vec::new();
            compressor.compress(payload, &mut compressed);
            compressed.extend_from_slice(&TAIL);
            // Octet by octet, all that a reference can mean is in the window of 256.
            let mut message = Vec::new();
            let start = inflate.total_in();
            while message.len() < payload.len() {
                let used = usize::try_from(inflate.total_in() - start).unwrap();
                let mut octet = [0];
                let flush = zlib_rs::InflateFlush::SyncFlush;
                inflate
                    .decompress(&compressed[used..], &mut octet, flush)
                    .expect("no reference leaves the window");
                message.push(octet[0]);
            }
            assert!(message == payload, "level {level}");
            let used = usize::try_from(inflate.total_in() - start).unwrap();
            let flush = zlib_rs::InflateFlush::SyncFlush;
            let _end = inflate.decompress(&compressed[used..], &mut [0; 8], flush);
        }
    }
}
