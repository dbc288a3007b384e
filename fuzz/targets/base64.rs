//! Base64: a value has one text, whatever the text is.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::base64;

fuzz_target!(|input: &[u8]| {
    if let Some(octets) = base64::decode(input) {
        assert_eq!(base64::encode(&octets).as_bytes(), input);
    }
    if let Some(octets) = base64::decode_url(input) {
        assert_eq!(base64::encode_url(&octets).as_bytes(), input);
    }
    assert_eq!(
        base64::decode(base64::encode(input)).as_deref(),
        Some(input)
    );
});
