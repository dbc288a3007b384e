//! `locale` in templates.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use minijinja::value::{Kwargs, Object, Value, from_args};
use minijinja::{Error, ErrorKind, State};

use super::functions::{filled, page};
use super::page::current;
use crate::locale::{DateFormat, Locale};

/// The locale of the page that is being rendered.
#[derive(Debug)]
pub(super) struct LocaleObject;

impl Object for LocaleObject {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let locale = current()?.locale();
        Some(match key.as_str()? {
            "code" => locale.code().into(),
            "name" => locale.name().into(),
            "english_name" => locale.english_name().into(),
            "rtl" => locale.is_rtl().into(),
            _ => return None,
        })
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn call_method(
        self: &Arc<Self>,
        _state: &mut State<'_, '_>,
        method: &str,
        arguments: &[Value],
    ) -> Result<Value, Error> {
        let locale = page()?.locale();
        let text = match method {
            "translate" => translate(&locale, arguments)?,
            "pgettext" => pgettext(&locale, arguments)?,
            "format_date" => format_date(&locale, arguments)?,
            "format_day" => format_day(&locale, arguments)?,
            "list" => {
                let (parts,): (Vec<String>,) = from_args(arguments)?;
                locale.list(&parts)
            }
            "friendly_number" => {
                let (number,): (i64,) = from_args(arguments)?;
                locale.friendly_number(number)
            }
            _ => return Err(Error::from(ErrorKind::UnknownMethod)),
        };
        Ok(text.into())
    }
}

fn translate(locale: &Locale, arguments: &[Value]) -> Result<String, Error> {
    let (message, plural, count, values): (&str, Option<&str>, Option<u64>, Kwargs) =
        from_args(arguments)?;
    let text = match (plural, count) {
        (Some(plural), Some(count)) => locale.translate_plural(message, plural, count),
        _ => locale.translate(message),
    };
    filled(text, &values, count)
}

fn pgettext(locale: &Locale, arguments: &[Value]) -> Result<String, Error> {
    let (context, message, plural, count, values): (&str, &str, Option<&str>, Option<u64>, Kwargs) =
        from_args(arguments)?;
    let text = match (plural, count) {
        (Some(plural), Some(count)) => locale.npgettext(context, message, plural, count),
        _ => locale.pgettext(context, message),
    };
    filled(text, &values, count)
}

/// Dates are seconds since 1970.
fn format_date(locale: &Locale, arguments: &[Value]) -> Result<String, Error> {
    let (seconds, named): (f64, Kwargs) = from_args(arguments)?;
    let mut format = DateFormat::new();
    if let Some(minutes) = named.get::<Option<i32>>("gmt_offset")? {
        format = format.gmt_offset(minutes);
    }
    let relative: Option<bool> = named.get("relative")?;
    let shorter: Option<bool> = named.get("shorter")?;
    let full: Option<bool> = named.get("full_format")?;
    named.assert_all_used()?;
    format = format
        .relative(relative.unwrap_or(true))
        .shorter(shorter.unwrap_or(false))
        .full(full.unwrap_or(false));
    Ok(locale.format_date(time(seconds)?, &format))
}

fn format_day(locale: &Locale, arguments: &[Value]) -> Result<String, Error> {
    let (seconds, named): (f64, Kwargs) = from_args(arguments)?;
    let offset: Option<i32> = named.get("gmt_offset")?;
    let weekday: Option<bool> = named.get("dow")?;
    named.assert_all_used()?;
    let (offset, weekday) = (offset.unwrap_or(0), weekday.unwrap_or(true));
    Ok(locale.format_day(time(seconds)?, offset, weekday))
}

fn time(seconds: f64) -> Result<SystemTime, Error> {
    let distance = Duration::try_from_secs_f64(seconds.abs()).ok();
    let time = distance.and_then(|distance| match seconds < 0.0 {
        true => UNIX_EPOCH.checked_sub(distance),
        false => UNIX_EPOCH.checked_add(distance),
    });
    let problem = "a date is a number of seconds since 1970";
    time.ok_or_else(|| Error::new(ErrorKind::InvalidOperation, problem))
}
