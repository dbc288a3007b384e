use std::time::Duration;

use proptest::prelude::*;

use super::event::{InvalidEvent, ServerEvent, comment};

/// What a browser makes of a stream: WHATWG HTML §9.2.6, written down independently of the encoder.
#[derive(Debug, Default, PartialEq, Eq)]
struct Browser {
    /// Name, data and last id of what was dispatched.
    events: Vec<(String, String, String)>,
    last_id: String,
    retry: Option<u64>,
}

impl Browser {
    fn read(stream: &str) -> Self {
        let mut browser = Self::default();
        let (mut name, mut data) = (String::new(), String::new());
        let unified = stream.replace("\r\n", "\n").replace('\r', "\n");
        for line in unified.split_terminator('\n') {
            if line.is_empty() {
                if !data.is_empty() {
                    data.pop();
                    let name = if name.is_empty() {
                        "message".into()
                    } else {
                        name.clone()
                    };
                    browser
                        .events
                        .push((name, data.clone(), browser.last_id.clone()));
                }
                (name, data) = (String::new(), String::new());
                continue;
            }
            let (field, value) = line.split_once(':').unwrap_or((line, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            match field {
                "event" => name = value.into(),
                "data" => data.extend([value, "\n"]),
                "id" if !value.contains('\0') => browser.last_id = value.into(),
                "retry" => browser.retry = value.parse().ok(),
                _ => {}
            }
        }
        browser
    }
}

#[test]
fn every_field_has_its_line() {
    let event = ServerEvent::new("a\r\nb\rc\n")
        .name("tick")
        .id("42")
        .retry(Duration::from_secs(3));
    assert_eq!(
        event.encode().unwrap(),
        "event: tick\nid: 42\nretry: 3000\ndata: a\ndata: b\ndata: c\ndata: \n\n"
    );
}

#[test]
fn a_line_cannot_be_smuggled_into_name_or_id() {
    for evil in ["a\nb", "a\rb", "\r\n"] {
        let named = ServerEvent::new("x").name(evil).encode();
        assert_eq!(named, Err(InvalidEvent("name")));
        let identified = ServerEvent::new("x").id(evil).encode();
        assert_eq!(identified, Err(InvalidEvent("id")));
    }
    assert!(ServerEvent::new("x").id("a\0b").encode().is_err());
}

#[test]
fn a_comment_of_several_lines_stays_a_comment() {
    let mut out = String::new();
    comment(&mut out, "one\ndata: two");
    assert_eq!(out, ": one\n: data: two\n\n");
    assert_eq!(Browser::read(&out), Browser::default());
}

proptest! {
    #[test]
    fn a_browser_reads_what_was_sent(
        data in "(?s)[ab: \r\n\u{feff}é]{0,40}",
        name in proptest::option::of("[a: é]{1,8}"),
        id in proptest::option::of("[0-9: é]{0,8}"),
    ) {
        let mut event = ServerEvent::new(&*data);
        if let Some(name) = &name {
            event = event.name(name);
        }
        if let Some(id) = &id {
            event = event.id(id);
        }
        let stream = event.encode().unwrap();
        let data = data.replace("\r\n", "\n").replace('\r', "\n");
        let wanted = (name.unwrap_or_else(|| "message".into()), data, id.unwrap_or_default());
        prop_assert_eq!(Browser::read(&stream).events, [wanted]);
    }
}
