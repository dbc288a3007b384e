use super::*;
use http::Method;

fn head(text: &str) -> Result<Option<(ReceivedHead, usize)>, MalformedResponse> {
    parse_response(text.as_bytes(), &ResponseLimits::default())
}

fn body(text: &str, method: &Method) -> Result<ResponseBody, MalformedResponse> {
    let (head, _) = head(text)?.expect("the head is complete");
    response_body(&head, method)
}

#[test]
fn takes_status_lines_with_and_without_a_reason() {
    for (line, reason) in [
        ("HTTP/1.1 200 OK", "OK"),
        ("HTTP/1.0 200 ", ""),
        ("HTTP/1.1 200", ""),
        ("HTTP/1.1 200 Not\tso  bad", "Not\tso  bad"),
        ("HTTP/1.1 299 Größe", "Größe"),
    ] {
        let (head, _) = head(&format!("{line}\r\nA: b\r\n\r\n")).unwrap().unwrap();
        assert_eq!(head.reason(), reason, "{line}");
        assert_eq!(head.headers().get("a"), Some("b"));
    }
}

#[test]
fn refuses_what_rfc_9112_section_4_and_5_do_not_have() {
    for text in [
        "HTTP/1.1 200 OK\n\n",
        "HTTP/1.1 200 OK\r\nA: b\n\r\n",
        "HTTP/1.1 200 OK\r\nA : b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA\r\n\r\n",
        "HTTP/1.1 200 OK\r\n: b\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n",
        "HTTP/1.1 200 OK\r\nA: b\0c\r\n\r\n",
        "HTTP/1.1 200 O\0K\r\n\r\n",
        "HTTP/1.1 200 O\rK\r\n\r\n",
        "HTTP/1.1  200 OK\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "HTTP/1.1 2000 OK\r\n\r\n",
        "HTTP/1.1 +20 OK\r\n\r\n",
        "HTTP/1.1 099 OK\r\n\r\n",
        "HTTP/1.1 600 OK\r\n\r\n",
        "HTTP/1.1 200OK\r\n\r\n",
        "HTTP/2.0 200 OK\r\n\r\n",
        "HTTP/1.2 200 OK\r\n\r\n",
        "http/1.1 200 OK\r\n\r\n",
        "\r\nHTTP/1.1 200 OK\r\n\r\n",
        "ICY 200 OK\r\n\r\n",
        "<html>",
    ] {
        assert!(head(text).is_err(), "{text:?}");
    }
}

#[test]
fn every_prefix_of_a_head_is_incomplete() {
    let text = "HTTP/1.1 200 OK\r\nServer: x\r\nContent-Length: 2\r\n\r\n";
    for end in 0..text.len() {
        assert!(head(&text[..end]).unwrap().is_none(), "{end}");
    }
    assert_eq!(head(&format!("{text}ab")).unwrap().unwrap().1, text.len());
}

#[test]
fn limits_say_their_names() {
    let limits = ResponseLimits {
        head: 64,
        fields: 2,
    };
    let long = format!("HTTP/1.1 200 OK\r\nA: {}", "b".repeat(64));
    let error = parse_response(long.as_bytes(), &limits).unwrap_err();
    assert!(error.to_string().contains("max_header_size"), "{error}");
    let many = "HTTP/1.1 200 OK\r\nA:\r\nB:\r\nC:\r\n\r\n";
    let error = parse_response(many.as_bytes(), &limits).unwrap_err();
    assert!(error.to_string().contains("max_headers"), "{error}");
}

#[test]
fn frames_bodies_by_rfc_9112_section_6_3() {
    let get = |fields: &str| body(&format!("HTTP/1.1 200 OK\r\n{fields}\r\n"), &Method::GET);
    assert_eq!(get("").unwrap(), ResponseBody::UntilClose);
    assert_eq!(get("Content-Length: 0\r\n").unwrap(), ResponseBody::None);
    assert_eq!(
        get("Content-Length: 7\r\n").unwrap(),
        ResponseBody::Length(7)
    );
    assert_eq!(
        get("Content-Length: 2, 2,2\r\n").unwrap(),
        ResponseBody::Length(2)
    );
    let chunked = get("Transfer-Encoding: Chunked\r\n").unwrap();
    assert_eq!(chunked, ResponseBody::Chunked);
    for status in ["100 C", "204 N", "304 N"] {
        let text = format!("HTTP/1.1 {status}\r\nContent-Length: 9\r\n\r\n");
        assert_eq!(body(&text, &Method::GET).unwrap(), ResponseBody::None);
    }
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n";
    assert_eq!(body(text, &Method::HEAD).unwrap(), ResponseBody::None);
}

#[test]
fn refuses_framings_that_two_readers_could_take_differently() {
    for fields in [
        "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n",
        "Content-Length: 2\r\nContent-Length: 3\r\n",
        "Content-Length: 2, 2,3\r\n",
        "Content-Length: +2\r\n",
        "Content-Length: 0x2\r\n",
        "Content-Length: 2_0\r\n",
        "Content-Length: \r\n",
        "Content-Length: 2,\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: \u{b}chunked\r\n",
    ] {
        let text = format!("HTTP/1.1 200 OK\r\n{fields}\r\n");
        assert!(body(&text, &Method::GET).is_err(), "{fields:?}");
    }
    let text = "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert!(body(text, &Method::GET).is_err());
}

#[test]
fn keep_alive_is_by_version_and_option() {
    let keep = |text: &str| head(text).unwrap().unwrap().0.keep_alive();
    assert!(keep("HTTP/1.1 200 OK\r\n\r\n"));
    assert!(!keep("HTTP/1.0 200 OK\r\n\r\n"));
    assert!(keep("HTTP/1.0 200 OK\r\nConnection: Keep-Alive\r\n\r\n"));
    assert!(!keep(
        "HTTP/1.1 200 OK\r\nConnection: a\r\nConnection: b, Close\r\n\r\n"
    ));
}
