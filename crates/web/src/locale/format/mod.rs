//! Dates, numbers and lists as a language writes them. The texts are the keys of Tornado's catalogues.

use std::time::SystemTime;

use super::calendar::{Civil, unix_seconds};
use super::code::language;
use super::fill::fill;
use super::handle::Locale;

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const WEEKDAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// How [`Locale::format_date`] writes a date.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateFormat {
    now: Option<SystemTime>,
    gmt_offset: i32,
    relative: bool,
    shorter: bool,
    full: bool,
}

impl DateFormat {
    /// Creates the defaults.
    #[must_use]
    pub fn new() -> Self {
        Self {
            now: None,
            gmt_offset: 0,
            relative: true,
            shorter: false,
            full: false,
        }
    }

    /// Sets how many minutes the place is **behind** UTC: 480 is UTC-8, -60 is UTC+1, as JavaScript's
    /// `getTimezoneOffset` and Tornado count. Default: 0.
    #[must_use]
    pub fn gmt_offset(mut self, minutes: i32) -> Self {
        self.gmt_offset = minutes;
        self
    }

    /// Writes `2 hours ago` and `yesterday at 7:00 pm` where the date is recent. Default: on.
    #[must_use]
    pub fn relative(mut self, on: bool) -> Self {
        self.relative = on;
        self
    }

    /// Leaves the time of day out where there is a day. Default: off.
    #[must_use]
    pub fn shorter(mut self, on: bool) -> Self {
        self.shorter = on;
        self
    }

    /// Writes the day with its year, whenever it is: `July 10, 1980`. Default: off.
    #[must_use]
    pub fn full(mut self, on: bool) -> Self {
        self.full = on;
        self
    }

    /// Sets the time that relative dates are seen from. Default: the present.
    #[must_use]
    pub fn now(mut self, now: SystemTime) -> Self {
        self.now = Some(now);
        self
    }
}

impl Default for DateFormat {
    fn default() -> Self {
        Self::new()
    }
}

impl Locale {
    /// Writes a date: `2 minutes ago`, `yesterday at 6:35 pm`, `April 28 at 6:35 pm`.
    ///
    /// The clock has twelve hours in English and in the Chinese of China, and 24 elsewhere. A date in the
    /// future is written in full, unless it is within a minute: clocks differ, and it counts as now.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use waterspout::locale::{DateFormat, Locale};
    ///
    /// let locale = Locale::default();
    /// let before = SystemTime::now() - Duration::from_secs(120);
    /// assert_eq!(locale.format_date(before, &DateFormat::new()), "2 minutes ago");
    /// ```
    #[must_use]
    pub fn format_date(&self, date: SystemTime, format: &DateFormat) -> String {
        let now = unix_seconds(format.now.unwrap_or_else(SystemTime::now));
        let mut date = unix_seconds(date);
        let mut full = format.full;
        if date > now {
            let is_now = format.relative && date.saturating_sub(now) < 60;
            full |= !is_now;
            date = if is_now { now } else { date };
        }
        let age = now.saturating_sub(date);
        if !full && format.relative && (0..86_400).contains(&age) {
            return self.age(age);
        }
        let offset = i64::from(format.gmt_offset) * 60;
        let local = Civil::of(date.saturating_sub(offset));
        let yesterday = Civil::of(now.saturating_sub(offset).saturating_sub(86_400));
        let days = age.div_euclid(86_400);
        let is_yesterday = format.relative && days == 1 && local.day == yesterday.day;
        let kind = match days {
            _ if full => Kind::Full,
            0 => Kind::Time,
            1 if is_yesterday => Kind::Yesterday,
            1..5 => Kind::Weekday,
            5..334 => Kind::Day,
            _ => Kind::Full,
        };
        self.fill_date(self.translate(kind.text(format.shorter)), &local)
    }

    /// Writes a day: `Sunday, April 28`, or without its weekday `April 28`.
    #[must_use]
    pub fn format_day(&self, date: SystemTime, gmt_offset: i32, weekday: bool) -> String {
        let seconds = unix_seconds(date).saturating_sub(i64::from(gmt_offset) * 60);
        let text = match weekday {
            true => "%(weekday)s, %(month_name)s %(day)s",
            false => "%(month_name)s %(day)s",
        };
        self.fill_date(self.translate(text), &Civil::of(seconds))
    }

    /// Writes a list: `A, B and C`, `A and B`, `A`.
    #[must_use]
    pub fn list<T: AsRef<str>>(&self, parts: &[T]) -> String {
        let Some((last, before)) = parts.split_last() else {
            return String::new();
        };
        let last = last.as_ref();
        if before.is_empty() {
            return last.to_owned();
        }
        let comma = match language(self.code()) {
            "fa" => " \u{648} ",
            _ => ", ",
        };
        let before: Vec<&str> = before.iter().map(AsRef::as_ref).collect();
        let values = [("commas", &*before.join(comma)), ("last", last)];
        fill(self.translate("%(commas)s and %(last)s"), &values)
    }

    /// Writes a number with commas between thousands in English, and without them elsewhere, as
    /// Tornado does.
    #[must_use]
    pub fn friendly_number(&self, value: i64) -> String {
        let digits = value.unsigned_abs().to_string();
        let mut out = String::with_capacity(digits.len() * 4 / 3 + 1);
        if value < 0 {
            out.push('-');
        }
        let with_commas = matches!(self.code(), "en" | "en_US");
        for (at, digit) in digits.char_indices() {
            if with_commas && at > 0 && (digits.len() - at).is_multiple_of(3) {
                out.push(',');
            }
            out.push(digit);
        }
        out
    }

    /// A time within the last day.
    fn age(&self, seconds: i64) -> String {
        let (one, many, name, number) = match seconds {
            ..50 => (
                "1 second ago",
                "%(seconds)d seconds ago",
                "seconds",
                seconds,
            ),
            50..3_000 => {
                let minutes = round(seconds, 60);
                (
                    "1 minute ago",
                    "%(minutes)d minutes ago",
                    "minutes",
                    minutes,
                )
            }
            _ => (
                "1 hour ago",
                "%(hours)d hours ago",
                "hours",
                round(seconds, 3_600),
            ),
        };
        let text = self.translate_plural(one, many, number.unsigned_abs());
        fill(text, &[(name, &number.to_string())])
    }

    fn fill_date(&self, text: &str, date: &Civil) -> String {
        let values = [
            ("month_name", self.translate(MONTHS[(date.month - 1) % 12])),
            ("weekday", self.translate(WEEKDAYS[date.weekday % 7])),
            ("day", &date.day.to_string()),
            ("year", &date.year.to_string()),
            ("time", &self.time(date)),
        ];
        fill(text, &values)
    }

    fn time(&self, date: &Civil) -> String {
        let (hour, minute) = (date.hour, date.minute);
        let twelve = match hour % 12 {
            0 => 12,
            hour => hour,
        };
        match self.code() {
            "en" | "en_US" => {
                let half = if hour < 12 { "am" } else { "pm" };
                format!("{twelve}:{minute:02} {half}")
            }
            "zh_CN" => {
                let half = if hour < 12 { "上午" } else { "下午" };
                format!("{half}{twelve}:{minute:02}")
            }
            _ => format!("{hour}:{minute:02}"),
        }
    }
}

/// What a date is written with.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Time,
    Yesterday,
    Weekday,
    Day,
    Full,
}

impl Kind {
    fn text(self, shorter: bool) -> &'static str {
        match (self, shorter) {
            (Self::Time, _) => "%(time)s",
            (Self::Yesterday, true) => "yesterday",
            (Self::Yesterday, false) => "yesterday at %(time)s",
            (Self::Weekday, true) => "%(weekday)s",
            (Self::Weekday, false) => "%(weekday)s at %(time)s",
            (Self::Day, true) => "%(month_name)s %(day)s",
            (Self::Day, false) => "%(month_name)s %(day)s at %(time)s",
            (Self::Full, true) => "%(month_name)s %(day)s, %(year)s",
            (Self::Full, false) => "%(month_name)s %(day)s, %(year)s at %(time)s",
        }
    }
}

/// Divides and rounds, halves to the even number, as Python does.
fn round(value: i64, by: i64) -> i64 {
    let (whole, rest) = (value / by, value % by);
    let up = rest * 2 > by || rest * 2 == by && whole % 2 == 1;
    whole + i64::from(up)
}

#[cfg(test)]
mod tests;
