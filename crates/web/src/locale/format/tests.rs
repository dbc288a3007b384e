//! What Tornado 6.6.1 makes of these dates at 18:35 UTC on 28 April 2013.

use std::time::{Duration, UNIX_EPOCH};

use super::super::Locales;
use super::*;

const NOW: i64 = 1_367_174_100;

fn at(seconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(u64::try_from(seconds).unwrap())
}

/// Code, seconds before now, offset, relative, shorter, full, text.
#[rustfmt::skip]
const CASES: &[(&str, i64, i32, bool, bool, bool, &str)] = &[
    ("en_US", -7200, 0, true, false, false, "April 28, 2013 at 8:35 pm"),
    ("en_US", -60, 0, true, false, false, "April 28, 2013 at 6:36 pm"),
    ("en_US", -59, 0, true, false, false, "0 seconds ago"),
    ("en_US", 0, 0, true, false, false, "0 seconds ago"),
    ("en_US", 2, 0, true, false, false, "2 seconds ago"),
    ("en_US", 49, 0, true, false, false, "49 seconds ago"),
    ("en_US", 50, 0, true, false, false, "1 minute ago"),
    ("en_US", 89, 0, true, false, false, "1 minute ago"),
    ("en_US", 90, 0, true, false, false, "2 minutes ago"),
    ("en_US", 120, 0, true, false, false, "2 minutes ago"),
    ("en_US", 150, 0, true, false, false, "2 minutes ago"),
    ("en_US", 2999, 0, true, false, false, "50 minutes ago"),
    ("en_US", 3000, 0, true, false, false, "1 hour ago"),
    ("en_US", 5400, 0, true, false, false, "2 hours ago"),
    ("en_US", 9000, 0, true, false, false, "2 hours ago"),
    ("en_US", 86399, 0, true, false, false, "24 hours ago"),
    ("en_US", 86400, 0, true, false, false, "yesterday at 6:35 pm"),
    ("en_US", 100000, 0, true, false, false, "yesterday at 2:48 pm"),
    ("en_US", 172799, 0, true, false, false, "Friday at 6:35 pm"),
    ("en_US", 172800, 0, true, false, false, "Friday at 6:35 pm"),
    ("en_US", 345600, 0, true, false, false, "Wednesday at 6:35 pm"),
    ("en_US", 431999, 0, true, false, false, "Tuesday at 6:35 pm"),
    ("en_US", 432000, 0, true, false, false, "April 23 at 6:35 pm"),
    ("en_US", 28771200, 0, true, false, false, "May 30 at 6:35 pm"),
    ("en_US", 28857600, 0, true, false, false, "May 29, 2012 at 6:35 pm"),
    ("en_US", 86400000, 0, true, false, false, "August 2, 2010 at 6:35 pm"),
    ("en_US", 1296000000, 0, true, false, false, "April 3, 1972 at 6:35 pm"),
    ("en_US", 0, 0, true, true, false, "0 seconds ago"),
    ("en_US", 86400, 0, true, true, false, "yesterday"),
    ("en_US", 172800, 0, true, true, false, "Friday"),
    ("en_US", 432000, 0, true, true, false, "April 23"),
    ("en_US", 28857600, 0, true, true, false, "May 29, 2012"),
    ("en_US", 0, 0, false, false, false, "6:35 pm"),
    ("en_US", 86400, 0, false, false, false, "Saturday at 6:35 pm"),
    ("en_US", 172800, 0, false, false, false, "Friday at 6:35 pm"),
    ("en_US", 0, 0, true, false, true, "April 28, 2013 at 6:35 pm"),
    ("en_US", 0, 0, true, true, true, "April 28, 2013"),
    ("en_US", 100, 0, true, false, true, "April 28, 2013 at 6:33 pm"),
    ("en_US", 100, 0, true, true, true, "April 28, 2013"),
    ("en", 86400, 0, true, false, false, "yesterday at 6:35 pm"),
    ("en", 299200, 0, true, false, false, "Thursday at 7:28 am"),
    ("zh_CN", 86400, 0, true, false, false, "yesterday at 下午6:35"),
    ("zh_CN", 299200, 0, true, false, false, "Thursday at 上午7:28"),
    ("es_ES", 86400, 0, true, false, false, "yesterday at 18:35"),
    ("es_ES", 299200, 0, true, false, false, "Thursday at 7:28"),
    ("en_GB", 86400, 0, true, false, false, "yesterday at 18:35"),
    ("en_GB", 299200, 0, true, false, false, "Thursday at 7:28"),
    ("en_US", 86400, 480, true, false, false, "yesterday at 10:35 am"),
    ("en_US", 100000, 480, true, false, false, "yesterday at 6:48 am"),
    ("en_US", 86400, -60, true, false, false, "yesterday at 7:35 pm"),
    ("en_US", 100000, -60, true, false, false, "yesterday at 3:48 pm"),
    ("en_US", 86400, -720, true, false, false, "yesterday at 6:35 am"),
    ("en_US", 100000, -720, true, false, false, "yesterday at 2:48 am"),
    ("en_US", 86400, 1440, true, false, false, "yesterday at 6:35 pm"),
    ("en_US", 100000, 1440, true, false, false, "yesterday at 2:48 pm"),
];

#[test]
fn dates_are_written_as_tornado_writes_them() {
    for (code, age, offset, relative, shorter, full, text) in CASES {
        let locale = Locales::new()
            .default_locale(code)
            .unwrap()
            .fallback()
            .clone();
        let format = DateFormat::new()
            .now(at(NOW))
            .gmt_offset(*offset)
            .relative(*relative)
            .shorter(*shorter)
            .full(*full);
        let written = locale.format_date(at(NOW - age), &format);
        assert_eq!(written, *text, "{code} {age} {offset}");
    }
}

#[test]
fn days_are_written_with_their_weekday() {
    let locale = Locale::default();
    assert_eq!(locale.format_day(at(NOW), 0, true), "Sunday, April 28");
    assert_eq!(locale.format_day(at(NOW), 0, false), "April 28");
    assert_eq!(locale.format_day(at(NOW), -720, true), "Monday, April 29");
}

#[test]
fn times_far_away_do_no_harm() {
    let locale = Locale::default();
    let far = UNIX_EPOCH + Duration::from_secs(1 << 62);
    for format in [
        DateFormat::new(),
        DateFormat::new().now(far).gmt_offset(i32::MIN),
    ] {
        assert!(!locale.format_date(far, &format).is_empty());
        assert!(!locale.format_date(UNIX_EPOCH, &format).is_empty());
    }
}

#[test]
fn texts_are_translated() {
    let file = "%(weekday)s at %(time)s,%(weekday)s a las %(time)s\nFriday,viernes\n\
                %(seconds)d seconds ago,hace %(seconds)d segundos,plural\n";
    let locale = Locales::new()
        .with_csv("es", file)
        .unwrap()
        .get("es")
        .unwrap();
    let format = DateFormat::new().now(at(NOW));
    assert_eq!(
        locale.format_date(at(NOW - 2 * 86_400), &format),
        "viernes a las 18:35"
    );
    assert_eq!(locale.format_date(at(NOW - 2), &format), "hace 2 segundos");
}

#[test]
fn lists_are_joined() {
    let locale = Locale::default();
    assert_eq!(locale.list::<&str>(&[]), "");
    assert_eq!(locale.list(&["A"]), "A");
    assert_eq!(locale.list(&["A", "B"]), "A and B");
    assert_eq!(locale.list(&["A", "B", "C"]), "A, B and C");
    let file = "%(commas)s and %(last)s,%(commas)s \u{648} %(last)s";
    let persian = Locales::new()
        .with_csv("fa", file)
        .unwrap()
        .get("fa")
        .unwrap();
    assert_eq!(persian.list(&["A", "B", "C"]), "A \u{648} B \u{648} C");
}

#[test]
fn numbers_have_commas_in_english() {
    let english = Locale::default();
    for (number, text) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (1_000_000, "1,000,000"),
        (-123, "-123"),
        (-1_234, "-1,234"),
        (i64::MIN, "-9,223,372,036,854,775,808"),
    ] {
        assert_eq!(english.friendly_number(number), text);
    }
    let other = Locales::new()
        .default_locale("de")
        .unwrap()
        .fallback()
        .clone();
    assert_eq!(other.friendly_number(1_000_000), "1000000");
}
