//! The header of the PROXY protocol: no panic, nothing consumed beyond the input, and the same result
//! however the octets are split.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_net::ProxyHeader;

fuzz_target!(|bytes: &[u8]| {
    let whole = ProxyHeader::parse(bytes);
    if let Ok(Some((_, length))) = whole {
        assert!(length <= bytes.len());
        assert_eq!(ProxyHeader::parse(&bytes[..length]), whole);
    }
    for end in 0..bytes.len().min(256) {
        match ProxyHeader::parse(&bytes[..end]) {
            // More may be needed, whatever it comes to.
            Ok(None) => {}
            early => assert_eq!(early, whole),
        }
    }
});
