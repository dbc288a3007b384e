//! Days of the Gregorian calendar.

use std::time::{SystemTime, UNIX_EPOCH};

/// A moment as a clock on the wall shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Civil {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: usize,
    pub(super) day: u32,
    /// 0 is Monday.
    pub(super) weekday: usize,
    pub(super) hour: u32,
    pub(super) minute: u32,
}

/// Seconds since 1970, before it negative ones.
pub(super) fn unix_seconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => i64::try_from(after.as_secs()).unwrap_or(i64::MAX),
        Err(before) => {
            let before = before.duration();
            let partial = u64::from(before.subsec_nanos() > 0);
            i64::try_from(before.as_secs() + partial).map_or(i64::MIN, |seconds| -seconds)
        }
    }
}

impl Civil {
    /// Seconds are those of [`unix_seconds`], moved by the offset of the place.
    pub(super) fn of(seconds: i64) -> Self {
        // Beyond these no calendar helps, and the arithmetic stays within its bounds.
        let seconds = seconds.clamp(-100_000_000_000_000, 100_000_000_000_000);
        let days = seconds.div_euclid(86_400);
        let second = seconds.rem_euclid(86_400);
        // Years that begin in March, in eras of 400 years.
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era =
            (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let march_month = (5 * day_of_year + 2) / 153;
        let month = if march_month < 10 {
            march_month + 3
        } else {
            march_month - 9
        };
        Self {
            year: year_of_era + era * 400 + i64::from(month <= 2),
            month: usize::try_from(month).unwrap_or(1),
            day: small(day_of_year - (153 * march_month + 2) / 5 + 1),
            // 1 January 1970 was a Thursday.
            weekday: usize::try_from((days + 3).rem_euclid(7)).unwrap_or(0),
            hour: small(second / 3_600),
            minute: small(second % 3_600 / 60),
        }
    }
}

fn small(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn civil(seconds: i64) -> (i64, usize, u32, usize, u32, u32) {
        let it = Civil::of(seconds);
        (it.year, it.month, it.day, it.weekday, it.hour, it.minute)
    }

    #[test]
    fn days_are_those_of_the_calendar() {
        assert_eq!(civil(0), (1970, 1, 1, 3, 0, 0));
        assert_eq!(civil(-1), (1969, 12, 31, 2, 23, 59));
        assert_eq!(civil(951_782_400), (2000, 2, 29, 1, 0, 0));
        assert_eq!(civil(1_367_170_500), (2013, 4, 28, 6, 17, 35));
        assert_eq!(civil(4_107_542_400), (2100, 3, 1, 0, 0, 0));
        assert_eq!(civil(-11_676_096_000), (1600, 1, 1, 5, 0, 0));
    }

    #[test]
    fn every_day_follows_the_one_before() {
        let mut yesterday = Civil::of(-86_400);
        for day in 0..800_000_i64 {
            let today = Civil::of(day * 86_400);
            assert_eq!(today.weekday, (yesterday.weekday + 1) % 7);
            let same_month = today.month == yesterday.month;
            assert!(today.day == yesterday.day + 1 && same_month || today.day == 1);
            yesterday = today;
        }
        assert_eq!(civil(799_999 * 86_400).0, 4160);
    }

    #[test]
    fn times_before_1970_are_rounded_down() {
        let before = UNIX_EPOCH - Duration::from_millis(1500);
        assert_eq!(unix_seconds(before), -2);
        assert_eq!(unix_seconds(UNIX_EPOCH + Duration::from_millis(1500)), 1);
    }
}
