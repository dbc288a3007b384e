//! The head parser: accepts nothing that httparse or a naive reader refuses, reads the same from
//! octets that come piece by piece, and holds its limits.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::h1::framing::Framing;
use waterspout_http::h1::parse::{Head, HeadLimits, parse_request};
use waterspout_http::{Rejection, Request};

#[expect(dead_code, reason = "the other target uses the rest")]
#[path = "../../crates/http/tests/oracle/mod.rs"]
mod oracle;

fuzz_target!(|input: &[u8]| {
    let (result, request) = parse(input);
    look_at(&request);
    match result {
        Ok(Some(head)) => {
            compare_with_oracle(input, &head, &request);
            compare_with_httparse(input, &head);
            wants_more_for_every_prefix(&input[..head.len]);
        }
        Ok(None) => assert!(
            input.len() < HeadLimits::default().head,
            "waits beyond its limit"
        ),
        Err(rejection) => stays_refused(input, &rejection),
    }
});

fn parse(input: &[u8]) -> (Result<Option<Head>, Rejection>, Request) {
    let mut request = Request::new();
    let result = parse_request(input, &HeadLimits::default(), &mut request);
    (result, request)
}

/// Who answers a request that was refused looks at what there is of it.
fn look_at(request: &Request) {
    for (name, value) in request.headers().iter() {
        assert!(!name.is_empty() && !value.ends_with(b" "));
    }
    let _ = request.headers().get("Accept");
    assert!(request.path().len() <= request.target().len().max(1));
    assert!(
        request
            .query()
            .is_none_or(|query| request.target().ends_with(query))
    );
}

fn compare_with_oracle(input: &[u8], head: &Head, request: &Request) {
    let wanted = oracle::head::read(input).expect("accepted what the oracle refuses");
    assert_eq!(head.len, wanted.len);
    assert_eq!(request.method().as_str().as_bytes(), wanted.method);
    assert_eq!(request.target().as_bytes(), wanted.target);
    assert_eq!(head.keep_alive, !wanted.closes);
    let fields = request
        .headers()
        .iter()
        .map(|(n, v)| (n.to_ascii_lowercase(), v.to_vec()));
    assert_eq!(fields.collect::<Vec<_>>(), wanted.fields);
    let body = match head.framing {
        Framing::None => oracle::head::Body::None,
        Framing::Length(length) => oracle::head::Body::Length(length),
        Framing::Chunked => oracle::head::Body::Chunked,
    };
    assert_eq!(body, wanted.body);
}

fn compare_with_httparse(input: &[u8], head: &Head) {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let status = httparse::Request::new(&mut fields).parse(input);
    assert_eq!(status, Ok(httparse::Status::Complete(head.len)));
}

/// A head that is valid as a whole is neither refused nor accepted before its last octet.
fn wants_more_for_every_prefix(head: &[u8]) {
    let step = head.len() / 256 + 1;
    for end in (0..head.len()).step_by(step).chain([head.len() - 1]) {
        assert!(matches!(parse(&head[..end]).0, Ok(None)), "at {end}");
    }
}

/// What was refused is refused for the same reason with more octets after it.
fn stays_refused(input: &[u8], rejection: &Rejection) {
    for more in [&b"\r\n\r\n"[..], b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"x"] {
        let refused = parse(&[input, more].concat()).0;
        assert_eq!(refused.as_ref().err(), Some(rejection));
    }
}
