//! The head of a request.

use std::hint::black_box;
use std::mem::MaybeUninit;

use waterspout_http::Request;
use waterspout_http::h1::parse::{HeadLimits, parse_request};

/// 40 octets.
pub(crate) const SHORT: &[u8] = b"GET /abcde HTTP/1.1\r\nHost: localhost\r\n\r\n";

/// The twelve fields that the load client sends with `--headers browser`.
pub(crate) const BROWSER: &[u8] = b"GET /plaintext HTTP/1.1\r\n\
Host: 127.0.0.1:8888\r\n\
Connection: keep-alive\r\n\
sec-ch-ua: \"Chromium\";v=\"142\", \"Not_A Brand\";v=\"99\"\r\n\
sec-ch-ua-mobile: ?0\r\n\
sec-ch-ua-platform: \"Linux\"\r\n\
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) \
Chrome/142.0.0.0 Safari/537.36\r\n\
Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8\r\n\
Sec-Fetch-Site: same-origin\r\n\
Sec-Fetch-Mode: navigate\r\n\
Accept-Encoding: gzip, deflate, br, zstd\r\n\
Accept-Language: en-GB,en;q=0.9,de;q=0.8\r\n\
Cookie: session=b2f1c7d09a5e4c6d8f3a; theme=dark\r\n\r\n";

/// Parses and checks into a [`Request`] that is used again, as the driver does.
pub(crate) fn ours(head: &[u8], turns: u32) {
    let limits = HeadLimits::default();
    let mut request = Request::new();
    for _ in 0..turns {
        request.clear();
        let parsed = parse_request(black_box(head), &limits, &mut request);
        assert!(matches!(parsed, Ok(Some(_))), "the head is sound");
        black_box(&mut request);
    }
}

/// httparse alone, which checks less and keeps nothing: the floor of what stands on it.
pub(crate) fn httparse(head: &[u8], turns: u32) {
    for _ in 0..turns {
        let mut fields = [const { MaybeUninit::uninit() }; 100];
        let mut parsed = httparse::Request::new(&mut []);
        let status = parsed.parse_with_uninit_headers(black_box(head), &mut fields);
        assert!(
            matches!(status, Ok(httparse::Status::Complete(_))),
            "the head is sound"
        );
        black_box(&parsed);
    }
}
