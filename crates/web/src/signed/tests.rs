//! The worked examples were produced by Tornado 6.6.1.

use std::time::{Duration, SystemTime};

use proptest::prelude::*;

use super::*;

const SECRET: &str = "0123456789abcdef-secret";
const NOW: u64 = 1_700_000_000;

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

fn secret() -> CookieSecret {
    CookieSecret::new(SECRET).min_version(SignatureVersion::V1)
}

fn v1() -> CookieSecret {
    secret().write_version(SignatureVersion::V1)
}

fn decode(secret: &CookieSecret, name: &str, value: &str, now: u64) -> Option<Vec<u8>> {
    secret.decode_signed_value(name, value, &SignedCookieRules::new(), at(now))
}

/// Both ways at once: what Tornado wrote is what we write, and we read it.
#[track_caller]
fn assert_both_ways(secret: &CookieSecret, name: &str, value: &[u8], time: u64, text: &str) {
    assert_eq!(secret.create_signed_value(name, value, at(time)), text);
    assert_eq!(decode(secret, name, text, time).unwrap(), value);
}

#[test]
fn version_1_is_tornados_octet_by_octet() {
    for (name, value, text) in [
        (
            "user",
            &b"alice"[..],
            "YWxpY2U=|1700000000|872ebc3dc23c5ccfa64a79a5ae94213f96ec5371",
        ),
        (
            "sess",
            b"\x00\xff\xfe",
            "AP/+|1700000000|63ed0f019ba66297124081cfd8f70847b8915ad6",
        ),
        (
            "e",
            b"",
            "|1700000000|569bb5ef4bb4b2acc76736e12cde83964675a617",
        ),
    ] {
        assert_both_ways(&v1(), name, value, NOW, text);
    }
    assert_both_ways(
        &CookieSecret::new("It's a secret to everybody")
            .write_version(SignatureVersion::V1)
            .min_version(SignatureVersion::V1),
        "key",
        b"value",
        1_300_000_000,
        "dmFsdWU=|1300000000|31c934969f53e48164c50768b40cbd7e2daaaa4f",
    );
}

#[test]
fn version_2_is_tornados_octet_by_octet() {
    let rotated = CookieSecret::versions(3, [(3, "k3"), (4, "k4")]);
    let unicode = CookieSecret::new("sécret");
    for (secret, name, value, text) in [
        (
            &secret(),
            "user",
            &b"alice"[..],
            "2|1:0|10:1700000000|4:user|8:YWxpY2U=|\
             847d556f3d55a6b37d708c1ac25c9d04891859e311852487abf27b17f3697c7f",
        ),
        (
            &secret(),
            "sess",
            b"\x00\xff\xfe",
            "2|1:0|10:1700000000|4:sess|4:AP/+|\
             bf13b3b2860d1d3d9b72217d10b9ea4fd8c303e7c2b46ff0707f941b9687bd8c",
        ),
        (
            &secret(),
            "e",
            b"",
            "2|1:0|10:1700000000|1:e|0:|\
             42829a5fe46512c478a8feac53b08372a9dbd37d59f925bb63608a6192e5d175",
        ),
        (
            &rotated,
            "user",
            b"alice",
            "2|1:3|10:1700000000|4:user|8:YWxpY2U=|\
             6b9be634f6a1bafe26259686d573fc3cefef114c3cbd0101cca787b005faf94b",
        ),
        (
            &unicode,
            "user",
            b"alice",
            "2|1:0|10:1700000000|4:user|8:YWxpY2U=|\
             0cca02c4de755894a875a84dc2fb33a393aa54660ed2b4da5662a641165fa172",
        ),
    ] {
        assert_both_ways(secret, name, value, NOW, text);
    }
}

#[test]
fn the_default_refuses_version_1() {
    let text = v1().create_signed_value("user", "alice", at(NOW));
    assert_eq!(decode(&CookieSecret::new(SECRET), "user", &text, NOW), None);
    assert!(decode(&secret(), "user", &text, NOW).is_some());
    let strict = SignedCookieRules::new().min_version(SignatureVersion::V2);
    let strictly = secret().decode_signed_value("user", &text, &strict, at(NOW));
    assert_eq!(strictly, None);
}

#[test]
fn values_expire_to_the_second_and_do_not_come_from_the_future() {
    let day = 86_400;
    for secret in [secret(), v1()] {
        let text = secret.create_signed_value("user", "alice", at(NOW));
        for (now, counts) in [
            (NOW + 31 * day, true),
            (NOW + 31 * day + 1, false),
            (NOW - 300, true),
            (NOW - 301, false),
            (0, false),
        ] {
            assert_eq!(
                decode(&secret, "user", &text, now).is_some(),
                counts,
                "{now}"
            );
        }
        let rules = SignedCookieRules::new().max_age_days(0.5);
        let after = |seconds| {
            let now = at(NOW + seconds);
            let value = secret.decode_signed_value("user", &text, &rules, now);
            value.is_some()
        };
        assert!(after(day / 2) && !after(day / 2 + 1));
    }
}

#[test]
fn keys_are_rotated_by_their_numbers() {
    let old = CookieSecret::versions(1, [(1, "one")]);
    let both = CookieSecret::versions(2, [(1, "one"), (2, "two")]);
    let new = CookieSecret::versions(2, [(2, "two")]);
    let signed_before = old.create_signed_value("user", "alice", at(NOW));
    let signed_now = both.create_signed_value("user", "alice", at(NOW));
    assert_eq!(signature_key_version(&signed_before), Some(1));
    assert_eq!(signature_key_version(&signed_now), Some(2));
    assert!(decode(&both, "user", &signed_before, NOW).is_some());
    assert!(decode(&both, "user", &signed_now, NOW).is_some());
    assert_eq!(decode(&new, "user", &signed_before, NOW), None);
    assert_eq!(decode(&old, "user", &signed_now, NOW), None);
    // A key without a number ignores the number, as in Tornado.
    assert!(decode(&CookieSecret::new("two"), "user", &signed_now, NOW).is_some());
    let v1 = v1().create_signed_value("user", "alice", at(NOW));
    assert_eq!(signature_key_version(&v1), None);
    assert_eq!(signature_key_version("2|1:x|"), None);
}

#[test]
fn names_cannot_be_swapped_and_do_not_slide_into_values() {
    // Tornado 3.2.1.
    let text = secret().create_signed_value("user", "alice", at(NOW));
    assert_eq!(decode(&secret(), "admin", &text, NOW), None);
    // Version 1 signs `userYWxpY2U=` for both names: the reason why it is off.
    let slid = v1().create_signed_value("userYWxp", "ce", at(NOW));
    let forged = format!("YWxp{slid}");
    assert_eq!(decode(&secret(), "user", &forged, NOW).unwrap(), b"alice");
    assert_eq!(
        decode(&CookieSecret::new(SECRET), "user", &forged, NOW),
        None
    );
}

#[test]
fn malformed_values_count_for_nothing() {
    let key = &CookieSecret::new(SECRET).min_version(SignatureVersion::V1);
    for text in [
        "",
        "|",
        "||",
        "|||",
        "2",
        "2|",
        "2||||||",
        "3|1:0|",
        "999|x",
        "1000|x|y",
        "0|1|2",
        "2|1:0",
        "2|1:0|10:1700000000|4:user|8:YWxpY2U=",
        "2|-1:0|",
        "2|99999999999999999999:0|x",
        "2|18446744073709551615:0|x",
        "2|1:é|1:é|",
        "2|1:0|2:é|",
        "é|é|é",
    ] {
        assert_eq!(decode(key, "user", text, NOW), None, "{text:?}");
    }
}

#[test]
fn what_is_signed_is_read_strictly() {
    // Signed with the key, and yet not as either side writes it.
    let key = mac::Key::new(SECRET.as_bytes());
    for signed in [
        "2|01:0|10:1700000000|4:user|8:YWxpY2U=|",
        "2|1:0|11:01700000000|4:user|8:YWxpY2U=|",
        "2|1:0|11:+1700000000|4:user|8:YWxpY2U=|",
        "2|1:0|3:1e9|4:user|8:YWxpY2U=|",
        "2|1:0|10:1700000000|4:user|7:YWxpY2U|",
        "2|1:0|10:1700000000|4:user|9:YWxp Y2U=|",
        "2|1:x|10:1700000000|4:user|8:YWxpY2U=|",
    ] {
        let text = format!("{signed}{}", key.sign_v2(signed.as_bytes()));
        assert_eq!(decode(&secret(), "user", &text, NOW), None, "{text:?}");
    }
    let mac = key.sign_v1([b"user", b"YWxpY2U=", b"01700000000"]);
    let text = format!("YWxpY2U=|01700000000|{mac}");
    assert_eq!(decode(&secret(), "user", &text, NOW), None);
    let text = secret().create_signed_value("user", "alice", at(NOW));
    let (signed, mac) = text.rsplit_once('|').expect("there are bars");
    let shouted = format!("{signed}|{}", mac.to_uppercase());
    assert_eq!(decode(&secret(), "user", &shouted, NOW), None);
}

#[test]
#[should_panic(expected = "no key has the version 3")]
fn the_current_key_must_be_there() {
    _ = CookieSecret::versions(3, [(1, "one")]);
}

#[test]
#[should_panic(expected = "a key is empty")]
fn a_key_is_not_empty() {
    _ = CookieSecret::from("");
}

#[test]
fn a_secret_is_not_shown() {
    let shown = format!("{:?}", CookieSecret::new(SECRET));
    assert!(!shown.contains("0123"), "{shown}");
}

proptest! {
    #[test]
    fn every_value_comes_back(name in "[a-z|:]{1,9}", value: Vec<u8>, first: bool) {
        let secret = if first { v1() } else { secret() };
        let text = secret.create_signed_value(&name, &value, at(NOW));
        prop_assert_eq!(decode(&secret, &name, &text, NOW), Some(value));
    }

    #[test]
    fn no_change_of_a_character_goes_unseen(at_char in 0usize..110, to in "[ -~]", first: bool) {
        let secret = if first { v1() } else { secret() };
        let text = secret.create_signed_value("user", "alice", at(NOW));
        let at_char = at_char % text.len();
        let mut changed = text.clone();
        changed.replace_range(at_char..=at_char, &to);
        if changed != text {
            prop_assert_eq!(decode(&secret, "user", &changed, NOW), None);
        }
        let cut = &text[..at_char];
        prop_assert_eq!(decode(&secret, "user", cut, NOW), None);
        let longer = text + &to;
        prop_assert_eq!(decode(&secret, "user", &longer, NOW), None);
    }

    #[test]
    fn nothing_makes_it_panic(text in "\\PC{0,60}", tail in "(2\\|)?[0-9:|a-z]{0,40}") {
        prop_assert_eq!(decode(&secret(), "user", &text, NOW), None);
        prop_assert_eq!(decode(&secret(), "user", &tail, NOW), None);
        _ = signature_key_version(&text);
        _ = signature_key_version(&tail);
    }
}
