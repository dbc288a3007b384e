//! Properties of the parsers of fields and forms: no input makes them panic, what they write they
//! read, and a form is the same however it is split.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use waterspout_http::forwarded::{parse_forwarded, parse_node};
use waterspout_http::multipart::{Decoder, Event, Limits, boundary};
use waterspout_http::{EntityTag, HttpDate, RangeRequest};

/// What became of a form: names and contents, or a refusal.
type Form = Option<Vec<(String, Vec<u8>)>>;

fn read_form(body: &[u8], pieces: &[usize]) -> Form {
    let mut decoder = Decoder::new("b", Limits::default());
    let (mut parts, mut buffer, mut rest) = (Vec::new(), Vec::new(), body);
    let mut pieces = pieces.iter().cycle();
    while !rest.is_empty() {
        let count = pieces.next().map_or(rest.len(), |count| *count);
        let (piece, after) = rest.split_at(count.clamp(1, rest.len()));
        buffer.extend_from_slice(piece);
        rest = after;
        loop {
            let step = decoder.decode(&buffer).ok()?;
            let taken: Vec<u8> = buffer.drain(..step.consumed).collect();
            match step.event {
                Event::NeedsMore | Event::End => break,
                Event::Part(head) => parts.push((head.name().to_owned(), Vec::new())),
                Event::Data(range) => parts.last_mut()?.1.extend_from_slice(&taken[range]),
                Event::PartEnd => {}
            }
        }
    }
    decoder.finish().ok().map(|()| parts)
}

const FORM_PIECES: &[&str] = &[
    "--b",
    "\r\n--b",
    "\r\n",
    "--",
    "\r",
    "\n",
    "-",
    "b",
    "\r\n--bb",
    "Content-Disposition: form-data; name=a",
    "; filename=\"x\\\"y\"",
    ": ",
    "text",
];

proptest! {
    #[test]
    fn dates_are_read_as_they_are_written(seconds in 0..253_402_300_800_u64) {
        let date = HttpDate::from_seconds(seconds);
        prop_assert_eq!(HttpDate::parse(date.to_string().as_bytes()), Some(date));
    }

    #[test]
    fn no_octets_make_a_parser_panic(octets in vec(any::<u8>(), 0..200), length in any::<u64>()) {
        let _ = HttpDate::parse(&octets);
        let _ = EntityTag::parse(&octets);
        let _ = parse_node(&octets);
        let _ = parse_forwarded(&octets);
        let _ = RangeRequest::parse(&octets, length);
        let _ = boundary(&String::from_utf8_lossy(&octets));
        let _ = read_form(&octets, &[]);
    }

    #[test]
    fn ranges_lie_within_and_are_together_no_longer_than_the_whole(
        text in "[0-9, -]{0,40}",
        length in 0..2000_u64,
    ) {
        let value = format!("bytes={text}");
        if let RangeRequest::Parts(parts) = RangeRequest::parse(value.as_bytes(), length) {
            prop_assert!(parts.iter().all(|part| part.start < part.end && part.end <= length));
            let total: u64 = parts.iter().map(|part| part.end - part.start).sum();
            prop_assert!(total <= length);
        }
    }

    #[test]
    fn a_form_is_the_same_however_it_is_split(
        pieces in vec(select(FORM_PIECES), 0..12),
        splits in vec(1..20_usize, 1..5),
    ) {
        let text = format!("--b\r\nContent-Disposition: form-data; name=n\r\n\r\n{}", pieces.concat());
        let whole = read_form(text.as_bytes(), &[]);
        prop_assert_eq!(read_form(text.as_bytes(), &splits), whole.clone());
        prop_assert_eq!(read_form(text.as_bytes(), &[1]), whole);
    }

    #[test]
    fn what_stands_in_a_part_comes_out_of_it(content in vec(select(b"\r\n-bx".as_slice()), 0..60)) {
        prop_assume!(!content.windows(5).any(|window| window == b"\r\n--b"));
        let mut body = b"--b\r\nContent-Disposition: form-data; name=n\r\n\r\n".to_vec();
        body.extend_from_slice(&content);
        body.extend_from_slice(b"\r\n--b--");
        // The content's own end may make a boundary together with what follows.
        let wanted = Some(vec![("n".to_owned(), content)]);
        prop_assert_eq!(read_form(&body, &[3]), wanted);
    }
}
