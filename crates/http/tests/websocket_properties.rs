//! Properties of the WebSocket decoder: any split of any sequence of frames gives the same messages.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

use proptest::collection::vec;
use proptest::prelude::*;
use waterspout_http::ws::deflate::{Compressor, Inflater};
use waterspout_http::ws::frame::{FrameHead, OpCode, Role};
use waterspout_http::ws::{CompressionOptions, Decoder, Event, Message, Violation, mask};

/// A message, where it is cut into fragments, and what is sent between them.
#[derive(Debug, Clone)]
struct Sent {
    message: Message,
    compressed: bool,
    cuts: Vec<usize>,
    pings: Vec<Vec<u8>>,
}

fn sent() -> impl Strategy<Value = Sent> {
    let message = prop_oneof![
        ".{0,300}".prop_map(Message::from),
        vec(any::<u8>(), 0..70_000).prop_map(Message::from),
    ];
    let pings = vec(vec(any::<u8>(), 0..126), 0..3);
    (message, any::<bool>(), vec(0usize..70_000, 0..4), pings).prop_map(
        |(message, compressed, cuts, pings)| Sent {
            message,
            compressed,
            cuts,
            pings,
        },
    )
}

fn put(out: &mut Vec<u8>, head: FrameHead, payload: &[u8]) {
    head.encode(out);
    let start = out.len();
    out.extend_from_slice(payload);
    mask::apply(&mut out[start..], head.mask.unwrap(), 0);
}

/// Encodes a message in fragments, and notes the events that it must become.
fn encode(sent: &Sent, compressor: &mut Compressor, out: &mut Vec<u8>, events: &mut Vec<Event>) {
    let mut payload = sent.message.as_bytes().to_vec();
    if sent.compressed {
        payload.clear();
        compressor.compress(sent.message.as_bytes(), &mut payload);
    }
    let mut cuts: Vec<usize> = sent
        .cuts
        .iter()
        .map(|cut| cut % (payload.len() + 1))
        .collect();
    cuts.sort_unstable();
    cuts.push(payload.len());
    let mut start = 0;
    for (number, cut) in cuts.iter().enumerate() {
        let opcode = match sent.message {
            _ if number > 0 => OpCode::Continuation,
            Message::Text(_) => OpCode::Text,
            Message::Binary(_) => OpCode::Binary,
        };
        let head = FrameHead {
            fin: number + 1 == cuts.len(),
            compressed: sent.compressed && number == 0,
            opcode,
            mask: Some([1, 20, 255, 7]),
            length: (cut - start) as u64,
        };
        put(out, head, &payload[start..*cut]);
        start = *cut;
        if let Some(ping) = sent.pings.get(number).filter(|_| !head.fin) {
            let head = FrameHead {
                fin: true,
                compressed: false,
                opcode: OpCode::Ping,
                mask: Some([9, 8, 7, 6]),
                length: ping.len() as u64,
            };
            put(out, head, ping);
            events.push(Event::Ping(ping.clone().into()));
        }
    }
    events.push(Event::Message(sent.message.clone()));
}

/// Decodes octets that come in pieces.
fn decode(octets: &[u8], sizes: &[usize]) -> Result<Vec<Event>, Violation> {
    let mut decoder = Decoder::new(Role::Server, 100_000, Some(Inflater::new(false)));
    let mut events = Vec::new();
    let mut buffer = Vec::new();
    let mut rest = octets;
    let mut sizes = sizes.iter().cycle();
    while !rest.is_empty() {
        let size = (*sizes.next().unwrap()).min(rest.len());
        buffer.extend_from_slice(&rest[..size]);
        rest = &rest[size..];
        loop {
            let step = decoder.decode(&buffer)?;
            buffer.drain(..step.consumed);
            match step.event {
                Some(event) => events.push(event),
                None => break,
            }
        }
        assert!(
            buffer.len() < 200,
            "what is incomplete is taken in as it comes"
        );
    }
    Ok(events)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_split_gives_the_same_messages(all in vec(sent(), 1..4), sizes in vec(1usize..3000, 1..6)) {
        let options = CompressionOptions::default();
        let mut compressor = Compressor::new(&options, 15, false);
        let (mut octets, mut events) = (Vec::new(), Vec::new());
        for sent in &all {
            encode(sent, &mut compressor, &mut octets, &mut events);
        }
        prop_assert_eq!(&decode(&octets, &[usize::MAX]).unwrap(), &events);
        prop_assert_eq!(&decode(&octets, &sizes).unwrap(), &events);
    }

    #[test]
    fn noise_gives_the_same_end_however_it_is_split(
        octets in vec(any::<u8>(), 0..400),
        sizes in vec(1usize..20, 1..6),
    ) {
        let whole = decode(&octets, &[usize::MAX]);
        let split = decode(&octets, &sizes);
        prop_assert_eq!(whole.is_err(), split.is_err());
        if let (Ok(whole), Ok(split)) = (whole, split) {
            prop_assert_eq!(whole, split);
        }
    }
}
