//! The reader of response heads, and the framing of the body.
//!
//! What is taken, httparse takes too and reads alike; a head is complete only at its last octet; what
//! is refused stays refused.
#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::Method;
use waterspout_http::h1::response::{
    MalformedResponse, ReceivedHead, ResponseBody, ResponseLimits, parse_response, response_body,
};

fn parse(input: &[u8]) -> Result<Option<(ReceivedHead, usize)>, MalformedResponse> {
    parse_response(input, &ResponseLimits::default())
}

fuzz_target!(|input: &[u8]| {
    match parse(input) {
        Ok(Some((head, len))) => {
            compare_with_httparse(input, &head, len);
            wants_more_for_every_prefix(&input[..len]);
            check_framing(&head);
        }
        Ok(None) => {}
        Err(error) => {
            for more in [&b"\r\n\r\n"[..], b"x"] {
                let refused = parse(&[input, more].concat());
                assert_eq!(refused.err().as_ref(), Some(&error));
            }
        }
    }
});

fn compare_with_httparse(input: &[u8], head: &ReceivedHead, len: usize) {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut response = httparse::Response::new(&mut fields);
    assert_eq!(response.parse(input), Ok(httparse::Status::Complete(len)));
    assert_eq!(response.code, Some(head.status().as_u16()));
    let theirs = response
        .headers
        .iter()
        .map(|field| (field.name, field.value));
    assert!(theirs.eq(head.headers().iter()));
}

fn wants_more_for_every_prefix(head: &[u8]) {
    let step = head.len() / 256 + 1;
    for end in (0..head.len()).step_by(step).chain([head.len() - 1]) {
        assert!(matches!(parse(&head[..end]), Ok(None)), "at {end}");
    }
}

fn check_framing(head: &ReceivedHead) {
    let coded = head.headers().contains("Transfer-Encoding");
    let sized = head.headers().contains("Content-Length");
    match response_body(head, &Method::GET) {
        Ok(ResponseBody::Chunked) => assert!(coded && !sized),
        Ok(ResponseBody::Length(length)) => assert!(sized && !coded && length > 0),
        Ok(ResponseBody::UntilClose) => assert!(!sized && !coded),
        Ok(ResponseBody::None) | Err(_) => {}
    }
    if let Ok(body) = response_body(head, &Method::HEAD) {
        assert_eq!(body, ResponseBody::None);
    }
}
