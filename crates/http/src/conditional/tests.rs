use super::Precondition::{Failed, NotModified, Proceed};
use super::*;

const BEFORE: &str = "Tue, 14 Nov 2023 22:13:19 GMT";
const SAME: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const AFTER: &str = "Tue, 14 Nov 2023 22:13:21 GMT";

fn fields(pairs: &[(&str, &str)]) -> Headers {
    let mut headers = Headers::new();
    for (name, value) in pairs {
        headers.append(name, value).unwrap();
    }
    headers
}

fn ask(method: &Method, pairs: &[(&str, &str)]) -> Precondition {
    let etag = EntityTag::strong("now").unwrap();
    let validators = Validators {
        etag: Some(&etag),
        last_modified: Some(HttpDate::from_seconds(1_700_000_000)),
    };
    evaluate(method, &fields(pairs), validators)
}

fn get(pairs: &[(&str, &str)]) -> Precondition {
    ask(&Method::GET, pairs)
}

#[test]
fn if_none_match_compares_weakly() {
    for value in [
        "\"now\"",
        "W/\"now\"",
        "\"a\", \"now\"",
        "\"a\",,W/\"now\" ,",
        "*",
    ] {
        assert_eq!(get(&[("If-None-Match", value)]), NotModified, "{value}");
        let put = ask(&Method::PUT, &[("If-None-Match", value)]);
        assert_eq!(put, Failed, "{value}");
    }
    for value in [
        "\"Now\"",
        "now",
        "w/\"now\"",
        "\"a\", *",
        "\"a\" \"now\"",
        "\"now\"x",
        "\"now",
    ] {
        assert_eq!(get(&[("If-None-Match", value)]), Proceed, "{value}");
    }
    let twice = [("If-None-Match", "\"a\""), ("If-None-Match", "\"now\"")];
    assert_eq!(get(&twice), NotModified);
}

#[test]
fn if_none_match_wins_over_the_date() {
    let both = [("If-None-Match", "\"old\""), ("If-Modified-Since", AFTER)];
    assert_eq!(get(&both), Proceed);
}

#[test]
fn if_modified_since_is_to_the_second_and_for_reading() {
    for (date, wanted) in [
        (BEFORE, Proceed),
        (SAME, NotModified),
        (AFTER, NotModified),
        ("x", Proceed),
    ] {
        assert_eq!(get(&[("If-Modified-Since", date)]), wanted, "{date}");
    }
    assert_eq!(ask(&Method::PUT, &[("If-Modified-Since", SAME)]), Proceed);
    let twice = [("If-Modified-Since", SAME), ("If-Modified-Since", SAME)];
    assert_eq!(get(&twice), Proceed);
}

#[test]
fn if_match_compares_strongly_and_wins_over_its_date() {
    assert_eq!(get(&[("If-Match", "\"now\"")]), Proceed);
    assert_eq!(get(&[("If-Match", "*")]), Proceed);
    assert_eq!(get(&[("If-Match", "W/\"now\"")]), Failed);
    assert_eq!(get(&[("If-Match", "\"old\"")]), Failed);
    assert_eq!(
        get(&[("If-Match", "\"now\""), ("If-Unmodified-Since", BEFORE)]),
        Proceed
    );
    assert_eq!(get(&[("If-Unmodified-Since", BEFORE)]), Failed);
    assert_eq!(get(&[("If-Unmodified-Since", SAME)]), Proceed);
    assert_eq!(
        get(&[("If-Match", "\"now\""), ("If-None-Match", "\"now\"")]),
        NotModified
    );
}

#[test]
fn if_range_wants_a_strong_validator() {
    let etag = EntityTag::strong("now").unwrap();
    let validators = Validators {
        etag: Some(&etag),
        last_modified: Some(HttpDate::from_seconds(1_700_000_000)),
    };
    let applies = |value: &str, now| {
        let now = HttpDate::from_seconds(now);
        range_applies(&fields(&[("If-Range", value)]), validators, now)
    };
    assert!(range_applies(
        &Headers::new(),
        validators,
        HttpDate::from_seconds(0)
    ));
    assert!(applies("\"now\"", 0));
    assert!(!applies("W/\"now\"", 0) && !applies("\"old\"", 0) && !applies("*", 0));
    assert!(applies(SAME, 1_700_000_001) && !applies(SAME, 1_700_000_000));
    assert!(!applies(BEFORE, 1_800_000_000) && !applies(AFTER, 1_800_000_000));
}

#[test]
fn a_tag_holds_only_what_may_stand_between_quotes() {
    for text in ["a\"b", "a b", "\r\n", "\u{7f}"] {
        assert!(EntityTag::strong(text).is_none(), "{text:?}");
    }
    assert!(EntityTag::parse(b"\"a\"b").is_none() && EntityTag::parse(b"a").is_none());
    assert_eq!(
        EntityTag::of(b"").to_string(),
        "\"99aa06d3014798d86001c324468d497f\""
    );
}
