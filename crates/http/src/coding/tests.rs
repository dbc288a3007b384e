//! What a `Decoder` makes of what an `Encoder` or zlib has made.

use bytes::Bytes;

use super::decoder::PIECE;
use super::{AVAILABLE, DECODABLE, DecodeError, Decoder, Encoder};

fn encode(coding: &str, plain: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder::new(coding).unwrap().unwrap();
    encoder.write(plain).unwrap();
    encoder.finish().unwrap()
}

fn decode<'p>(
    coding: &str,
    pieces: impl IntoIterator<Item = &'p [u8]>,
) -> Result<Vec<u8>, DecodeError> {
    let (mut decoder, mut plain) = (Decoder::new(coding).unwrap(), Vec::new());
    for piece in pieces {
        decoder.feed(Bytes::copy_from_slice(piece));
        while let Some(made) = decoder.next_piece()? {
            assert!(!made.is_empty() && made.len() <= PIECE);
            plain.extend_from_slice(&made);
        }
    }
    decoder.finish().map(|()| plain)
}

fn varied(length: u32) -> Vec<u8> {
    (0..length)
        .map(|n| u8::try_from(n % 503 * n % 251).unwrap())
        .collect()
}

#[test]
fn undoes_what_was_encoded_however_it_is_split() {
    let plain = varied(100_000);
    for coding in AVAILABLE {
        let coded = encode(coding, &plain);
        for size in [1, 7, 1000, coded.len()] {
            assert_eq!(
                decode(coding, coded.chunks(size)).unwrap(),
                plain,
                "{coding} {size}"
            );
        }
        assert_eq!(decode(coding, [&encode(coding, b"")[..]]).unwrap(), b"");
        assert_eq!(decode(coding, []).unwrap(), b"");
    }
}

#[test]
fn refuses_what_is_cut_short_anywhere() {
    for coding in AVAILABLE {
        let coded = encode(coding, b"some text that is long enough");
        for end in 1..coded.len() {
            let error = decode(coding, [&coded[..end]]).unwrap_err();
            assert_eq!(error.to_string(), format!("{coding} data is cut short"));
        }
    }
}

#[test]
fn refuses_what_is_no_such_data() {
    for coding in AVAILABLE {
        for wrong in [
            &b"<html>this is no coded text at all</html>"[..],
            &[0xff; 64],
        ] {
            let error = decode(coding, [wrong]).unwrap_err().to_string();
            assert!(
                error == format!("{coding} data is invalid")
                    || error == format!("{coding} data is cut short"),
                "{error}"
            );
        }
    }
}

/// CVE-2025-69223 (aiohttp) and others of its kind: a ratio of a thousand and more.
#[test]
fn a_bomb_goes_off_in_small_pieces() {
    for coding in AVAILABLE {
        let coded = encode(coding, &vec![0; 8 * 1024 * 1024]);
        assert!(coded.len() < 10_000, "{coding}: {}", coded.len());
        let mut decoder = Decoder::new(coding).unwrap();
        decoder.feed(coded.into());
        let mut made = 0;
        while let Some(piece) = decoder.next_piece().unwrap() {
            assert!(piece.len() <= PIECE);
            made += piece.len();
        }
        assert_eq!(made, 8 * 1024 * 1024);
    }
}

#[test]
fn names_are_compared_without_case() {
    assert_eq!(Decoder::new("GZip").unwrap().coding(), "gzip");
    assert_eq!(Decoder::new("X-GZIP").unwrap().coding(), "gzip");
    for name in DECODABLE {
        assert_eq!(Decoder::new(name).unwrap().coding(), *name);
    }
    for name in ["", "identity", "compress", "gzip, br", "gzip "] {
        assert!(Decoder::new(name).is_none(), "{name}");
    }
}

#[cfg(feature = "gzip")]
mod zlib {
    use zlib_rs::{Deflate, DeflateConfig, DeflateFlush, Status};

    use super::*;

    /// Windows of zlib, of raw deflate, and of gzip.
    const FRAMES: [(i32, &str); 3] = [(15, "deflate"), (-15, "deflate"), (31, "gzip")];

    fn deflate(window_bits: i32, plain: &[u8]) -> Vec<u8> {
        let mut out = vec![0; plain.len() + 256];
        let mut deflate = Deflate::new_with_config(DeflateConfig {
            window_bits,
            ..DeflateConfig::default()
        });
        let status = deflate.compress(plain, &mut out, DeflateFlush::Finish);
        assert_eq!(status.unwrap(), Status::StreamEnd);
        out.truncate(usize::try_from(deflate.total_out()).unwrap());
        out
    }

    #[test]
    fn deflate_comes_with_the_frame_of_zlib_or_without() {
        let plain = varied(70_000);
        for (window, coding) in FRAMES {
            let coded = deflate(window, &plain);
            for size in [1, 13, coded.len()] {
                assert_eq!(decode(coding, coded.chunks(size)).unwrap(), plain);
            }
            for end in 1..coded.len().min(50) {
                assert!(decode(coding, [&coded[..end]]).is_err());
            }
        }
    }

    #[test]
    fn members_of_gzip_follow_each_other() {
        let coded = [deflate(31, b"one "), deflate(31, b""), deflate(31, b"two")].concat();
        for size in [1, 5, coded.len()] {
            assert_eq!(decode("gzip", coded.chunks(size)).unwrap(), b"one two");
        }
    }

    #[test]
    fn a_flood_of_empty_members_is_refused() {
        let flood = deflate(31, b"").repeat(10_001);
        let error = decode("gzip", [&flood[..]]).unwrap_err();
        assert_eq!(error.to_string(), "gzip data has too many members");
    }

    #[test]
    fn what_follows_the_end_is_refused() {
        for (window, coding) in FRAMES {
            let coded = [&deflate(window, b"text")[..], b"rubbish"].concat();
            assert!(decode(coding, [&coded[..]]).is_err(), "{coding} {window}");
        }
    }

    #[test]
    fn checksums_are_compared() {
        for window in [15, 31] {
            let mut coded = deflate(window, b"some text");
            let at = coded.len() - if window == 31 { 6 } else { 2 };
            coded[at] ^= 1;
            let coding = if window == 31 { "gzip" } else { "deflate" };
            let error = decode(coding, [&coded[..]]).unwrap_err();
            assert_eq!(error.to_string(), format!("{coding} data is invalid"));
        }
    }
}
