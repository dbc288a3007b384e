//! Dates in header fields.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const DAY: u64 = 86_400;
const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const LONG_DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// The first second of the year 10000, which has no text.
const END: u64 = 253_402_300_800;

/// A date as header fields have it: whole seconds since 1970, in GMT.
///
/// All three forms of RFC 9110 §5.6.7 are read, and the first is written. A date before 1970, with
/// a day of the week that it does not have, or with an offset is not a date.
///
/// # Examples
///
/// ```
/// use waterspout_http::HttpDate;
///
/// let date = HttpDate::parse(b"Sun, 06 Nov 1994 08:49:37 GMT").expect("a date");
/// assert_eq!(date.seconds(), 784_111_777);
/// assert_eq!(HttpDate::parse(b"Sunday, 06-Nov-94 08:49:37 GMT"), Some(date));
/// assert_eq!(HttpDate::parse(b"Sun Nov  6 08:49:37 1994"), Some(date));
/// assert_eq!(date.to_string(), "Sun, 06 Nov 1994 08:49:37 GMT");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HttpDate(u64);

impl HttpDate {
    /// Makes a date of the seconds since 1970; after the year 9999 it is the last second of it.
    #[must_use]
    pub fn from_seconds(seconds: u64) -> Self {
        Self(seconds.min(END - 1))
    }

    /// Reads a date in any of the three forms.
    #[must_use]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?;
        fixed(text)
            .or_else(|| rfc_850(text))
            .or_else(|| asctime(text))
    }

    /// Returns the seconds since 1970.
    #[must_use]
    pub fn seconds(self) -> u64 {
        self.0
    }
}

impl From<SystemTime> for HttpDate {
    /// Leaves out the fraction of a second; before 1970 is 1970.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::from_seconds(since.as_secs())
    }
}

impl From<HttpDate> for SystemTime {
    fn from(date: HttpDate) -> Self {
        UNIX_EPOCH + Duration::from_secs(date.0)
    }
}

impl fmt::Display for HttpDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, second) = (self.0 / DAY, self.0 % DAY);
        let (year, month, day) = civil(days);
        let weekday = weekday(days);
        let month = MONTHS.get(month).copied().unwrap_or("Jan");
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT"
        )
    }
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
fn fixed(text: &str) -> Option<HttpDate> {
    let (weekday, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let day = digits(parts.next()?, 2)?;
    let month = month(parts.next()?)?;
    let year = digits(parts.next()?, 4)?;
    let time = time(parts.next()?)?;
    let ends = parts.next() == Some("GMT") && parts.next().is_none();
    ends.then(|| assemble(weekday, &DAYS, (year, month, day), time))?
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`; years from 70 on are of the last century.
fn rfc_850(text: &str) -> Option<HttpDate> {
    let (weekday, rest) = text.split_once(", ")?;
    let mut parts = rest.split(' ');
    let mut date = parts.next()?.split('-');
    let day = digits(date.next()?, 2)?;
    let month = month(date.next()?)?;
    let year = digits(date.next()?, 2)?;
    let time = time(parts.next()?)?;
    let ends = date.next().is_none() && parts.next() == Some("GMT") && parts.next().is_none();
    let year = if year < 70 { year + 2000 } else { year + 1900 };
    ends.then(|| assemble(weekday, &LONG_DAYS, (year, month, day), time))?
}

/// `Sun Nov  6 08:49:37 1994`
fn asctime(text: &str) -> Option<HttpDate> {
    let (weekday, rest) = text.split_once(' ')?;
    let (name, rest) = rest.split_once(' ')?;
    let month = month(name)?;
    let (day, rest) = rest.split_at_checked(2)?;
    let day = match day.strip_prefix(' ') {
        Some(digit) => digits(digit, 1)?,
        None => digits(day, 2)?,
    };
    let (clock, year) = rest.strip_prefix(' ')?.split_once(' ')?;
    assemble(weekday, &DAYS, (digits(year, 4)?, month, day), time(clock)?)
}

/// Puts a date together if there is such a day and it is that day of the week.
fn assemble(
    weekday_name: &str,
    names: &[&str; 7],
    (year, month, day): (u64, usize, u64),
    time: u64,
) -> Option<HttpDate> {
    if year < 1970 || day == 0 || day > days_of(year, month) {
        return None;
    }
    let days = days_since_1970(year, month, day);
    let index = usize::try_from((days + 4) % 7).ok()?;
    (names.get(index) == Some(&weekday_name)).then_some(HttpDate(days * DAY + time))
}

/// `08:49:37`; a leap second counts as the one before it.
fn time(text: &str) -> Option<u64> {
    let mut parts = text.split(':');
    let hour = digits(parts.next()?, 2)?;
    let minute = digits(parts.next()?, 2)?;
    let second = digits(parts.next()?, 2)?;
    let valid = hour < 24 && minute < 60 && second <= 60 && parts.next().is_none();
    valid.then(|| hour * 3600 + minute * 60 + second.min(59))
}

fn digits(text: &str, count: usize) -> Option<u64> {
    let all = text.len() == count && text.bytes().all(|octet| octet.is_ascii_digit());
    all.then(|| text.parse().ok())?
}

fn month(name: &str) -> Option<usize> {
    MONTHS.iter().position(|known| *known == name)
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_of(year: u64, month: usize) -> u64 {
    match month {
        1 if is_leap(year) => 29,
        1 => 28,
        3 | 5 | 8 | 10 => 30,
        _ => 31,
    }
}

fn days_since_1970(year: u64, month: usize, day: u64) -> u64 {
    let before = year - 1;
    let leaps = before / 4 - before / 100 + before / 400 - 477;
    let months: u64 = (0..month).map(|month| days_of(year, month)).sum();
    (year - 1970) * 365 + leaps + months + day - 1
}

/// Year, month from 0 and day from 1 of a day since 1970.
fn civil(days: u64) -> (u64, usize, u64) {
    let mut year = 1970 + days / 366;
    while days_since_1970(year + 1, 0, 1) <= days {
        year += 1;
    }
    let mut left = days - days_since_1970(year, 0, 1);
    let mut month = 0;
    while left >= days_of(year, month) {
        left -= days_of(year, month);
        month += 1;
    }
    (year, month, left + 1)
}

/// 1 January 1970 was a Thursday.
fn weekday(days: u64) -> &'static str {
    let index = usize::try_from((days + 4) % 7).unwrap_or(0);
    DAYS.get(index).copied().unwrap_or("Sun")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_httpdate_over_eight_thousand_years() {
        for step in 0..40_000 {
            let seconds = step * 6_335_057 % END;
            let date = HttpDate::from_seconds(seconds);
            let text = httpdate::fmt_http_date(date.into());
            assert_eq!(date.to_string(), text);
            assert_eq!(HttpDate::parse(text.as_bytes()), Some(date));
        }
        let last = HttpDate::from_seconds(u64::MAX);
        assert_eq!(last.to_string(), "Fri, 31 Dec 9999 23:59:59 GMT");
    }

    /// RUSTSEC-2017-0005 and CVE-2026-25727 (RUSTSEC-2026-0009): overflow and recursion in date parsers.
    #[test]
    fn refuses_dates_of_any_length_and_with_numbers_of_any_size() {
        let long = [
            "9".repeat(100_000),
            format!("Sun, 06 Nov {} 08:49:37 GMT", "9".repeat(30)),
            "(".repeat(100_000),
            "Sun, 06 Nov 1994 08:49:37 GMT".repeat(1000),
            "Sun, 99 Nov 9999 99:99:99 GMT".to_owned(),
        ];
        for text in long {
            assert_eq!(HttpDate::parse(text.as_bytes()), None);
        }
    }

    #[test]
    fn refuses_what_is_not_a_date() {
        for text in [
            "",
            "Sun",
            "Mon, 06 Nov 1994 08:49:37 GMT",
            "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37 +0000",
            "Sun, 06 Nov 1994 08:49:37 GMT ",
            "sun, 06 Nov 1994 08:49:37 GMT",
            "Sun, 06 nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 24:00:00 GMT",
            "Sun, 06 Nov 1994 08:60:37 GMT",
            "Tue, 29 Feb 1994 08:49:37 GMT",
            "Wed, 31 Dec 1969 23:59:59 GMT",
            "Sun, +6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 08:49:37",
            "Sun Nov 6 08:49:37 1994",
            "Sun Nov  6 08:49:37 94",
            "Sun, 06-Nov-94 08:49:37 GMT",
            "Sunday, 06-Nov-1994 08:49:37 GMT",
        ] {
            assert_eq!(HttpDate::parse(text.as_bytes()), None, "{text:?}");
        }
        assert!(HttpDate::parse(b"Thu, 29 Feb 2024 23:59:60 GMT").is_some());
    }
}
