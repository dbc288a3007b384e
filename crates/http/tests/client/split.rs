//! A response is the same however its octets are divided.

use proptest::prelude::*;
use waterspout_http::client::{HttpClient, HttpRequest};
use waterspout_http::h1::response::{ResponseLimits, parse_response};

use crate::peer::{Act, peer_once, send};
use crate::support::run;

/// Octets of a response, and the body that it has.
fn response() -> impl Strategy<Value = (Vec<u8>, Vec<u8>)> {
    let field =
        ("[A-Za-z][A-Za-z0-9-]{0,12}", "[!-~]([ -~]{0,20}[!-~])?").prop_map(|(name, value)| {
            // `X-` keeps it from being one that frames the body.
            format!("X-{name}: {value}\r\n")
        });
    let fields = prop::collection::vec(field, 0..6).prop_map(|fields| fields.concat());
    let body = prop::collection::vec(any::<u8>(), 0..300);
    (0..3usize, fields, body, 1..50usize, any::<bool>()).prop_map(
        |(interim, fields, body, chunk, chunked)| {
            let hint = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
            let mut octets = hint.repeat(interim).into_bytes();
            octets.extend_from_slice(format!("HTTP/1.1 200 OK\r\n{fields}").as_bytes());
            if !chunked {
                octets.extend_from_slice(
                    format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes(),
                );
                octets.extend_from_slice(&body);
                return (octets, body);
            }
            octets.extend_from_slice(b"Transfer-Encoding: chunked\r\n\r\n");
            for piece in body.chunks(chunk) {
                octets.extend_from_slice(format!("{:x};a=b\r\n", piece.len()).as_bytes());
                octets.extend_from_slice(piece);
                octets.extend_from_slice(b"\r\n");
            }
            octets.extend_from_slice(b"0\r\nT: u\r\n\r\n");
            (octets, body)
        },
    )
}

fn pieces(octets: &[u8], cuts: &[prop::sample::Index]) -> Vec<Act> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut.index(octets.len())).collect();
    cuts.extend([0, octets.len()]);
    cuts.sort_unstable();
    cuts.windows(2)
        .map(|pair| send(&octets[pair[0]..pair[1]]))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn responses_in_any_pieces_are_read_the_same(
        (octets, body) in response(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let (read, idle) = run(async {
            let mut acts = vec![Act::Head];
            acts.extend(pieces(&octets, &cuts));
            acts.push(Act::Hold);
            let peer = peer_once(&acts).await;
            let client = HttpClient::new();
            let response = client.fetch(HttpRequest::get(&peer.url)).await.unwrap();
            (response.body().clone(), client.gauges().idle)
        });
        prop_assert_eq!(read, body);
        prop_assert_eq!(idle, 1);
    }

    #[test]
    fn a_head_is_waited_for_at_every_octet_and_then_read_whole((octets, _) in response()) {
        let limits = ResponseLimits::default();
        let (head, len) = parse_response(&octets, &limits).unwrap().unwrap();
        for end in 0..len {
            prop_assert!(parse_response(&octets[..end], &limits).unwrap().is_none());
        }
        let (same, at) = parse_response(&octets[..len], &limits).unwrap().unwrap();
        prop_assert_eq!((same.status(), at), (head.status(), len));
        prop_assert_eq!(format!("{same:?}"), format!("{head:?}"));
    }

    #[test]
    fn what_is_refused_stays_refused_with_more_octets(
        (mut octets, more) in response(),
        at in any::<prop::sample::Index>(),
        octet: u8,
    ) {
        let at = at.index(octets.len());
        octets[at] = octet;
        let limits = ResponseLimits::default();
        if let Err(refused) = parse_response(&octets, &limits) {
            octets.extend_from_slice(&more);
            let again = parse_response(&octets, &limits).unwrap_err();
            prop_assert_eq!(again.reason(), refused.reason());
        }
    }
}
