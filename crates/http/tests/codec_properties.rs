//! Properties of the codecs: split anywhere with the same result, accept nothing that a naive
//! reader or httparse refuses, accept what is valid.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use waterspout_http::Request;
use waterspout_http::h1::chunked::{Decoder, LAST, encode};
use waterspout_http::h1::framing::Framing;
use waterspout_http::h1::parse::{Head, HeadLimits, parse_request};

mod oracle;

/// Pieces from which heads are put together, valid and not.
const LINES: &[&str] = &[
    "Host: a",
    "Host: b:80",
    "Host : a",
    "host:[::1]",
    "Content-Length: 5",
    "Content-Length: +5",
    "Content-Length: 5, 5",
    "content-length:\t7 ",
    "Transfer-Encoding: chunked",
    "Transfer-Encoding: chunked, identity",
    "Transfer-Encoding: \u{b}chunked",
    "TE: trailers",
    "Connection: close",
    "Connection: keep-alive, x",
    "Expect: 100-continue",
    "X: \u{e9}\ty",
    "X:",
    "X",
    " folded",
    ": y",
];

const STARTS: &[&str] = &[
    "GET / HTTP/1.1",
    "POST /a?b HTTP/1.1",
    "GET / HTTP/1.0",
    "OPTIONS * HTTP/1.1",
    "GET http://a/b HTTP/1.1",
    "GET  / HTTP/1.1",
    "get /\u{7f} HTTP/1.1",
];

/// A head of known lines, most of them ended as they should be.
fn any_head() -> impl Strategy<Value = Vec<u8>> {
    let end = prop_oneof![30 => Just("\r\n"), 1 => Just("\n"), 1 => Just("\r"), 1 => Just("")];
    let line = (select(LINES), end);
    (select(STARTS), vec(line, 0..6)).prop_map(|(start, lines)| {
        let lines: String = lines
            .into_iter()
            .map(|(line, end)| [line, end].concat())
            .collect();
        format!("{start}\r\n{lines}\r\n").into_bytes()
    })
}

/// A head that is valid.
fn valid_head() -> impl Strategy<Value = Vec<u8>> {
    let name = "X-[!#$%&'*+.^_`|~0-9A-Za-z-]{0,12}";
    let value = vec(prop_oneof![Just(b'\t'), b' '..=b'~', 0x80..=0xff_u8], 0..20);
    let blanks = "[ \t]{0,3}";
    let field = (name, blanks, value, blanks).prop_map(|(name, before, value, after)| {
        [
            name.as_bytes(),
            b":",
            before.as_bytes(),
            &value,
            after.as_bytes(),
            b"\r\n",
        ]
        .concat()
    });
    let target = r"/[!$-;=?-Z_a-z~]{0,40}";
    ("[A-Z]{1,8}", target, vec(field, 0..10)).prop_filter_map(
        "CONNECT",
        |(method, target, fields)| {
            let start = format!("{method} {target} HTTP/1.1\r\nHost: a\r\n");
            let head = [start.as_bytes(), &fields.concat(), b"\r\n"].concat();
            (method != "CONNECT").then_some(head)
        },
    )
}

/// What may happen to a head on its way.
#[derive(Debug, Clone)]
enum Mutation {
    Replace(Index, u8),
    Insert(Index, u8),
    Remove(Index),
    Repeat(Index, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let special = select(b"\r\n\0 \t:,;+-_x0\x0b\x7f\x80\xa0/#@[]".as_slice());
    let octet = prop_oneof![4 => special, 1 => any::<u8>()];
    let at = any::<Index>;
    prop_oneof![
        (at(), octet.clone()).prop_map(|(at, octet)| Mutation::Replace(at, octet)),
        (at(), octet).prop_map(|(at, octet)| Mutation::Insert(at, octet)),
        at().prop_map(Mutation::Remove),
        (at(), 1..30_usize).prop_map(|(at, count)| Mutation::Repeat(at, count)),
    ]
}

fn mutate(mut head: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        let len = head.len();
        if len == 0 {
            break;
        }
        match mutation {
            Mutation::Replace(at, octet) => head[at.index(len)] = *octet,
            Mutation::Insert(at, octet) => head.insert(at.index(len), *octet),
            Mutation::Remove(at) => drop(head.remove(at.index(len))),
            Mutation::Repeat(at, count) => {
                let start = at.index(len);
                let piece = head[start..len.min(start + count)].to_vec();
                head.splice(start..start, piece);
            }
        }
    }
    head
}

fn parse(input: &[u8]) -> (Result<Option<Head>, u16>, Request) {
    let mut request = Request::new();
    let parsed = parse_request(input, &HeadLimits::default(), &mut request);
    (
        parsed.map_err(|rejection| rejection.status().as_u16()),
        request,
    )
}

/// Holds an accepted head against the oracle and httparse.
fn check_accepted(input: &[u8], head: &Head, request: &Request) {
    let wanted = oracle::head::read(input).expect("accepted what the oracle refuses");
    assert_eq!((head.len, head.keep_alive), (wanted.len, !wanted.closes));
    assert_eq!(request.method().as_str().as_bytes(), wanted.method);
    assert_eq!(request.target().as_bytes(), wanted.target);
    let fields = request.headers().iter();
    let fields = fields.map(|(name, value)| (name.to_ascii_lowercase(), value.to_vec()));
    assert_eq!(fields.collect::<Vec<_>>(), wanted.fields);
    let body = match head.framing {
        Framing::None => oracle::head::Body::None,
        Framing::Length(length) => oracle::head::Body::Length(length),
        Framing::Chunked => oracle::head::Body::Chunked,
    };
    assert_eq!(body, wanted.body);
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let status = httparse::Request::new(&mut fields).parse(input);
    assert_eq!(status, Ok(httparse::Status::Complete(head.len)));
}

/// The body, the octets used, and whether it ended (`None` for a refusal).
fn decode(input: &[u8], pieces: &[usize]) -> (Vec<u8>, usize, Option<bool>) {
    let (mut decoder, mut body, mut at) = (Decoder::new(), Vec::new(), 0);
    let mut pieces = pieces.iter().copied().cycle();
    while at < input.len() && !decoder.is_done() {
        let size = pieces.next().unwrap_or(usize::MAX);
        let piece = &input[at..input.len().min(at.saturating_add(size))];
        let Ok(step) = decoder.decode(piece) else {
            return (body, 0, None);
        };
        assert!(step.consumed > 0 && step.data.end <= step.consumed);
        body.extend_from_slice(&piece[step.data]);
        at += step.consumed;
    }
    (body, at, Some(decoder.is_done()))
}

/// A chunked body of parts of which some are wrong.
fn any_chunked() -> impl Strategy<Value = Vec<u8>> {
    let parts = [
        "5\r\nhello\r\n",
        "1;a=\"b\"\r\nx\r\n",
        "00a\r\n0123456789\r\n",
        "0\r\n",
        "\r\n",
        "X: y\r\n",
        "5\r\nhell",
        "5\nhello\r\n",
        "2\r\nabc\r\n",
        "+1\r\nx\r\n",
        "5;a\nb\r\n",
        "ffffffffffffffff\r\n",
        "\n",
        "\r",
    ];
    vec(select(parts.to_vec()), 0..8).prop_map(|parts| parts.concat().into_bytes())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    /// RFC 9112 §2.2, §5: nothing is accepted that another reader could read differently.
    #[test]
    fn a_head_is_accepted_only_if_the_oracle_and_httparse_accept_it(
        head in prop_oneof![any_head(), valid_head()],
        mutations in vec(mutation(), 0..4),
    ) {
        let input = mutate(head, &mutations);
        if let (Ok(Some(head)), request) = parse(&input) {
            check_accepted(&input, &head, &request);
        }
    }

    #[test]
    fn a_valid_head_is_accepted_whole_and_waited_for_at_every_octet(
        head in valid_head(),
        rest in vec(any::<u8>(), 0..20),
    ) {
        for end in 0..head.len() {
            prop_assert_eq!(parse(&head[..end]).0, Ok(None));
        }
        let input = [head.clone(), rest].concat();
        let (parsed, request) = parse(&input);
        let parsed = parsed.unwrap().unwrap();
        prop_assert_eq!(parsed.len, head.len());
        check_accepted(&input, &parsed, &request);
    }

    #[test]
    fn what_is_refused_stays_refused_with_more_octets(
        head in any_head(),
        mutations in vec(mutation(), 0..3),
        cut in any::<Index>(),
    ) {
        let input = mutate(head, &mutations);
        let start = &input[..cut.index(input.len() + 1)];
        if let (Err(status), _) = parse(start) {
            prop_assert_eq!(parse(&input).0, Err(status));
        }
    }

    /// GHSA-qppv-j76h-2rpx, CVE-2025-43859, CVE-2024-52304.
    #[test]
    fn a_chunked_body_is_accepted_only_if_the_oracle_accepts_it(
        body in any_chunked(),
        mutations in vec(mutation(), 0..4),
    ) {
        let input = mutate(body, &mutations);
        let (body, used, ended) = decode(&input, &[]);
        let wanted = oracle::chunked::read(&input);
        if ended == Some(true) {
            prop_assert_eq!(Some((body, used)), wanted);
        } else if let Some((_, used)) = wanted {
            // The decoder takes sizes of 16 digits, the oracle of 32.
            prop_assert!(input[..used].windows(17).any(|w| w.iter().all(u8::is_ascii_hexdigit)));
        }
    }

    #[test]
    fn a_chunked_body_decodes_the_same_however_it_is_split(
        body in any_chunked(),
        mutations in vec(mutation(), 0..3),
        pieces in vec(1..9_usize, 1..9),
    ) {
        let input = mutate(body, &mutations);
        let whole = decode(&input, &[]);
        prop_assert_eq!(&decode(&input, &pieces), &whole);
        prop_assert_eq!(&decode(&input, &[1]), &whole);
    }

    #[test]
    fn what_is_encoded_in_chunks_decodes_to_the_same(
        data in vec(any::<u8>(), 0..500),
        size in 1..100_usize,
        pieces in vec(1..40_usize, 1..9),
    ) {
        let mut encoded = Vec::new();
        data.chunks(size).for_each(|piece| encode(piece, &mut encoded));
        encoded.extend_from_slice(LAST);
        let len = encoded.len();
        prop_assert_eq!(decode(&encoded, &pieces), (data, len, Some(true)));
    }
}
