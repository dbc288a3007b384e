//! Signed values: nothing but what was signed is read, and reading never fails in another way.

#![no_main]

use std::time::{Duration, SystemTime};

use libfuzzer_sys::fuzz_target;
use waterspout::{CookieSecret, SignatureVersion, SignedCookieRules, signature_key_version};

fuzz_target!(|input: &str| {
    let secret = CookieSecret::new("a secret").min_version(SignatureVersion::V1);
    let numbered = CookieSecret::versions(1, [(1, "one"), (2, "two")]);
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let rules = SignedCookieRules::new();
    for secret in [&secret, &numbered] {
        assert_eq!(secret.decode_signed_value("name", input, &rules, now), None);
        let text = secret.create_signed_value("name", input, now);
        let read = secret.decode_signed_value("name", &text, &rules, now);
        assert_eq!(read.as_deref(), Some(input.as_bytes()));
    }
    _ = signature_key_version(input);
});
