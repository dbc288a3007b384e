use super::*;

fn parse(head: &str) -> Result<Option<(Head, Request)>, u16> {
    let mut request = Request::new();
    parse_request(head.as_bytes(), &HeadLimits::default(), &mut request)
        .map(|head| head.map(|head| (head, request)))
        .map_err(|rejection| rejection.status().as_u16())
}

fn refused(head: &str) -> u16 {
    match parse(head) {
        Err(status) => status,
        Ok(parsed) => panic!("{head:?} was taken as {parsed:?}"),
    }
}

#[test]
fn reads_a_plain_head() {
    let text = "GET /a?b HTTP/1.1\r\nHost: h\r\nX:  \t y z \r\nE:\r\n\r\nrest";
    let (head, request) = parse(text).unwrap().unwrap();
    assert_eq!(head.len, text.len() - 4);
    assert_eq!(head.framing, Framing::None);
    assert!(head.keep_alive && !head.expects_continue);
    assert_eq!(
        (request.path(), request.query(), request.host()),
        ("/a", Some("b"), "h")
    );
    assert_eq!(request.headers().get("x"), Some("y z"));
    assert_eq!(request.headers().get("e"), Some(""));
}

#[test]
fn waits_for_the_rest_of_a_head_at_every_octet() {
    let text = "POST /x HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\n";
    for end in 0..text.len() {
        assert!(parse(&text[..end]).unwrap().is_none(), "{end}");
    }
    assert_eq!(parse(text).unwrap().unwrap().0.framing, Framing::Length(3));
}

#[test]
fn refuses_bare_line_feeds_wherever_they_stand() {
    // RFC 9112 §2.2 lets a recipient take them; smuggling lives on it.
    for head in [
        "GET / HTTP/1.1\nHost: h\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\n\r\n",
        "GET / HTTP/1.1\r\nHost: h\r\n\n",
        "GET / HTTP/1.1\r\nHost: h\nX: y\r\n\r\n",
        "\nGET / HTTP/1.1\r\nHost: h\r\n\r\n",
    ] {
        assert_eq!(refused(head), 400, "{head:?}");
    }
}

#[test]
fn refuses_malformed_fields() {
    for line in [
        "X : y",
        " X: y",
        "X",
        ": y",
        "X: a\rb",
        "X: a\0b",
        "X\u{e9}: y",
        "X: \u{7f}",
    ] {
        let head = format!("GET / HTTP/1.1\r\nHost: h\r\n{line}\r\n\r\n");
        assert_eq!(refused(&head), 400, "{line:?}");
    }
    // Obsolete folding, RFC 9112 §5.2.
    assert_eq!(
        refused("GET / HTTP/1.1\r\nHost: h\r\nX: a\r\n b\r\n\r\n"),
        400
    );
}

#[test]
fn refuses_malformed_request_lines_and_versions() {
    for line in [
        "GET  / HTTP/1.1",
        "GET /  HTTP/1.1",
        "GET /",
        "GET / HTTP/1.1 ",
        "G@T / HTTP/1.1",
        "GET / http/1.1",
    ] {
        assert_eq!(
            refused(&format!("{line}\r\nHost: h\r\n\r\n")),
            400,
            "{line:?}"
        );
    }
    for line in ["GET / HTTP/2.0", "GET / HTTP/1.2", "GET / HTTP/0.9"] {
        assert_eq!(
            refused(&format!("{line}\r\nHost: h\r\n\r\n")),
            505,
            "{line:?}"
        );
    }
}

#[test]
fn wants_exactly_one_valid_host() {
    assert_eq!(refused("GET / HTTP/1.1\r\n\r\n"), 400);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
    assert_eq!(refused("GET / HTTP/1.1\r\nHost: a/b\r\n\r\n"), 400);
    assert_eq!(
        parse("GET / HTTP/1.0\r\n\r\n").unwrap().unwrap().1.host(),
        ""
    );
    let (_, request) = parse("GET http://b:1/c HTTP/1.1\r\nHost: a\r\n\r\n")
        .unwrap()
        .unwrap();
    assert_eq!(
        (request.host(), request.host_name(), request.path()),
        ("b:1", "b", "/c")
    );
}

#[test]
fn reads_connection_as_a_list() {
    let keep_alive = |version: &str, value: &str| {
        let head = format!("GET / HTTP/1.{version}\r\nHost: h\r\nConnection: {value}\r\n\r\n");
        parse(&head).unwrap().unwrap().0.keep_alive
    };
    assert!(!keep_alive("1", "foo , CLOSE"));
    assert!(!keep_alive("1", "keep-alive, close"));
    assert!(keep_alive("1", "x"));
    assert!(keep_alive("0", "Keep-Alive"));
    assert!(!keep_alive("0", "x"));
}

#[test]
fn knows_one_expectation() {
    let expects = |version: &str, value: &str| {
        let head = format!("POST / HTTP/1.{version}\r\nHost: h\r\nExpect: {value}\r\n\r\n");
        parse(&head).map(|parsed| parsed.unwrap().0.expects_continue)
    };
    assert_eq!(expects("1", "100-Continue"), Ok(true));
    assert_eq!(expects("0", "100-continue"), Ok(false));
    assert_eq!(expects("1", "200-ok"), Err(417));
}

#[test]
fn holds_its_limits() {
    let long = "x".repeat(70_000);
    assert_eq!(refused(&format!("GET /{long}")), 414);
    assert_eq!(
        refused(&format!(
            "GET /{} HTTP/1.1\r\nHost: h\r\n\r\n",
            &long[..16_384]
        )),
        414
    );
    assert_eq!(
        refused(&format!("GET / HTTP/1.1\r\nHost: h\r\nX: {long}")),
        431
    );
    assert_eq!(
        refused(&format!("GET / HTTP/1.1\r\nHost: h\r\nX: {long}\r\n\r\n")),
        431
    );
    let fields = "X: y\r\n".repeat(100);
    assert_eq!(
        refused(&format!("GET / HTTP/1.1\r\nHost: h\r\n{fields}\r\n")),
        431
    );
}

/// Reads everything there is to read.
fn look_at(request: &Request) -> usize {
    let fields = request.headers();
    let values: usize = fields
        .iter()
        .map(|(name, value)| name.len() + value.len())
        .sum();
    let asked = fields.get("Accept").map_or(0, str::len);
    let texts = [request.target(), request.path(), request.host()];
    values + asked + texts.concat().len() + request.query().map_or(0, str::len)
}

#[test]
fn what_was_read_of_a_refused_head_can_be_looked_at() {
    let limits = HeadLimits::default();
    let whole = "POST /a?b HTTP/1.1\r\nHost: h\r\nAccept: text/html\r\nCookie: \r\n";
    let mut request = Request::new();
    for fault in [
        "X : y\r\n",
        " f\r\n",
        "X\r\n",
        "X: a\0\r\n",
        "Host: h\r\n\r\n",
    ] {
        let head = format!("{whole}{fault}");
        parse_request(head.as_bytes(), &limits, &mut request).unwrap_err();
        assert_eq!(
            request.headers().get("accept"),
            Some("text/html"),
            "{fault:?}"
        );
        assert_eq!(
            (request.target(), request.path()),
            ("/a?b", "/a"),
            "{fault:?}"
        );
        assert_eq!(
            (request.query(), request.method()),
            (Some("b"), &Method::POST)
        );
    }
    // As much as there is, octet by octet and with a fault at every one.
    for end in 0..whole.len() {
        for fault in ["", "\0", "\n", "\r\r", "\r\n\r\n", " "] {
            let head = format!("{}{fault}", &whole[..end]);
            _ = parse_request(head.as_bytes(), &limits, &mut request);
            assert!(look_at(&request) < 2 * whole.len(), "{head:?}");
        }
    }
    let long = format!(
        "GET /{} HTTP/1.1\r\nAccept: x\r\n\0",
        "x".repeat(limits.target)
    );
    parse_request(long.as_bytes(), &limits, &mut request).unwrap_err();
    assert_eq!((request.path(), request.headers().len()), ("/", 0));
    let absolute = "GET http://h/p HTTP/1.1\r\nAccept: x\r\n\0";
    parse_request(absolute.as_bytes(), &limits, &mut request).unwrap_err();
    assert_eq!((request.path(), request.target()), ("/", "http://h/p"));
}
