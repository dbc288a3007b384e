//! Ranges, dates, tags and codings: within bounds, and what is read is written the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::coding::accepted_codings;
use waterspout_http::{EntityTag, Headers, HttpDate, RangeRequest};

fuzz_target!(|input: &[u8]| {
    let (&length, input) = input.split_first().unwrap_or((&0, &[]));
    let length = u64::from(length);
    if let RangeRequest::Parts(parts) = RangeRequest::parse(input, length) {
        assert!(
            parts
                .iter()
                .all(|part| part.start < part.end && part.end <= length)
        );
        assert!(parts.iter().map(|part| part.end - part.start).sum::<u64>() <= length);
    }
    if let Some(date) = HttpDate::parse(input) {
        assert_eq!(HttpDate::parse(date.to_string().as_bytes()), Some(date));
    }
    if let Some(tag) = EntityTag::parse(input) {
        assert!(tag.weak_eq(&tag));
    }
    let mut headers = Headers::new();
    if headers.append("Accept-Encoding", input).is_ok() {
        assert!(accepted_codings(&headers, &["br", "gzip"]).len() <= 2);
    }
});
