//! Forms in parts: the same however they are split.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::multipart::{Decoder, Event, Limits, boundary};

fuzz_target!(|input: &[u8]| {
    let whole = read(input, usize::MAX);
    for piece in [1, 7] {
        assert_eq!(read(input, piece), whole);
    }
    if let Ok(text) = std::str::from_utf8(input)
        && let Ok(Some(found)) = boundary(text)
    {
        assert!(!found.is_empty() && found.len() <= 70);
    }
});

fn read(input: &[u8], piece: usize) -> Option<Vec<(String, Option<String>, Vec<u8>)>> {
    let mut decoder = Decoder::new("b", Limits::default());
    let (mut parts, mut buffer) = (Vec::new(), Vec::new());
    for piece in input.chunks(piece.min(input.len().max(1))) {
        buffer.extend_from_slice(piece);
        loop {
            let step = decoder.decode(&buffer).ok()?;
            let taken: Vec<u8> = buffer.drain(..step.consumed).collect();
            match step.event {
                Event::NeedsMore | Event::End => break,
                Event::Part(head) => {
                    let file = head.file_name().map(str::to_owned);
                    parts.push((head.name().to_owned(), file, Vec::new()));
                }
                Event::Data(range) => {
                    parts
                        .last_mut()
                        .expect("data is of a part")
                        .2
                        .extend_from_slice(&taken[range]);
                }
                Event::PartEnd => {}
            }
        }
    }
    decoder.finish().ok().map(|()| parts)
}
