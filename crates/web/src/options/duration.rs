//! Times in options, as Tornado writes them.

use std::time::Duration;

/// Reads a time such as `30`, `1.5h` or `2m 30s`: seconds, or numbers with units (`h`, `m`, `s`, `ms`,
/// `us`, `d`, `w`, and their long names). It is a value parser for one's own options.
///
/// # Errors
///
/// Fails with a text that says what a time looks like.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use waterspout::options::duration;
///
/// assert_eq!(duration("1.5 h"), Ok(Duration::from_secs(5400)));
/// assert_eq!(duration("20"), Ok(Duration::from_secs(20)));
/// assert!(duration("soon").unwrap_err().contains("such as 30, 1.5h"));
/// ```
pub fn duration(text: &str) -> Result<Duration, String> {
    let mut rest = text.trim();
    let mut seconds = 0.0;
    if rest.is_empty() {
        return Err(explain(text));
    }
    while !rest.is_empty() {
        let (number, after) = split(rest, |c| c.is_ascii_digit() || c == '.');
        let (unit, after) = split(after.trim_start(), |c| c.is_ascii_alphabetic());
        let number: f64 = number.parse().map_err(|_| explain(text))?;
        let scale = unit_seconds(unit).ok_or_else(|| explain(text))?;
        seconds += number * scale;
        rest = after.trim_start();
    }
    Duration::try_from_secs_f64(seconds).map_err(|_| explain(text))
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    let end = text.find(|c| !belongs(c)).unwrap_or(text.len());
    text.split_at(end)
}

fn unit_seconds(unit: &str) -> Option<f64> {
    Some(match unit {
        "us" | "microsecond" | "microseconds" => 1e-6,
        "ms" | "millisecond" | "milliseconds" => 1e-3,
        "" | "s" | "sec" | "second" | "seconds" => 1.0,
        "m" | "min" | "minute" | "minutes" => 60.0,
        "h" | "hour" | "hours" => 3600.0,
        "d" | "day" | "days" => 86_400.0,
        "w" | "week" | "weeks" => 604_800.0,
        _ => return None,
    })
}

fn explain(text: &str) -> String {
    format!("{text:?} is no time such as 30, 1.5h or 2m 30s (units: us, ms, s, m, h, d, w)")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_with_units_are_added_up() {
        for (text, millis) in [
            ("30", 30_000),
            ("1h30m", 5_400_000),
            ("1.5 h 20s", 5_420_000),
            ("2 minutes", 120_000),
            ("250ms", 250),
            ("1w", 604_800_000),
            ("0", 0),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_millis(millis)), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            " ",
            "h",
            "-1",
            "1 fortnight",
            "1..5",
            "1e400",
            "99999999999999999999w",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
