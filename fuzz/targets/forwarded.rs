//! The fields of proxies: an address from them is never the word of somebody who is not trusted.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::Headers;
use waterspout_http::forwarded::{Origin, TrustedDownstream};

fuzz_target!(|input: &[u8]| {
    let peer = "10.0.0.1".parse().ok();
    let trusted = TrustedDownstream::networks(["10.0.0.0/8"]).expect("a network");
    let strangers = TrustedDownstream::networks(["192.0.2.1"]).expect("an address");
    for name in [
        "Forwarded",
        "X-Forwarded-For",
        "X-Real-IP",
        "X-Forwarded-Proto",
    ] {
        let mut headers = Headers::new();
        if headers.append(name, input).is_err() {
            return;
        }
        assert_eq!(strangers.origin(&headers, peer), Origin::default());
        let alone = trusted.origin(&headers, peer);
        if name == "X-Forwarded-For" {
            let mut forged = Headers::new();
            let appended = [input, b", 203.0.113.9"].concat();
            if forged.append(name, appended).is_ok() {
                let origin = trusted.origin(&forged, peer);
                assert_eq!(origin.address, "203.0.113.9".parse().ok(), "{alone:?}");
            }
        }
    }
});
