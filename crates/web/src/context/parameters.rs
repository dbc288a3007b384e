//! Typed values: of the path, of the query, of a form, of a JSON body.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde::de::DeserializeOwned;

use super::Context;
use super::form::essence;
use crate::arguments::Arguments;
use crate::error::{Error, HttpError, Misuse, Result};
use crate::percent;
use crate::router::UrlArguments;
use crate::typed::{from_arguments, from_captures, from_json};

impl<S> Context<S> {
    /// Returns a value that the route's pattern captured, percent-decoded.
    ///
    /// Groups of a regular expression without names are numbered: `"0"` is the first.
    ///
    /// # Errors
    ///
    /// Fails with a 400 that names the parameter if the value is not UTF-8 or is not a `T`, and
    /// with a 500 if the route has no such parameter.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, Result};
    ///
    /// async fn user(cx: &mut Context) -> Result<String> {
    ///     let id: u64 = cx.path("id")?;
    ///     Ok(id.to_string())
    /// }
    /// ```
    pub fn path<T>(&self, name: &str) -> Result<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.capture(name)?;
        let text = text.ok_or_else(|| missing_group(name))?;
        parse_parameter(name, &text)
    }

    /// Returns a captured value, or `None` where an optional group took no part in the match.
    ///
    /// # Errors
    ///
    /// Fails as [`path`](Self::path) does.
    pub fn path_optional<T>(&self, name: &str) -> Result<Option<T>>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.capture(name)?;
        text.map(|text| parse_parameter(name, &text)).transpose()
    }

    /// Returns all that the route's pattern captured as a value of a type that serde can read.
    ///
    /// # Errors
    ///
    /// Fails with a 400 that names the parameter if one is missing, is not UTF-8 or is of another type.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde::Deserialize;
    /// use waterspout::{Context, Result};
    ///
    /// #[derive(Deserialize)]
    /// struct Day {
    ///     year: u16,
    ///     month: u8,
    /// }
    ///
    /// // of /archive/{year}/{month}
    /// async fn archive(cx: &mut Context) -> Result<String> {
    ///     let day: Day = cx.path_all()?;
    ///     Ok(format!("{}-{}", day.year, day.month))
    /// }
    /// ```
    pub fn path_all<T: DeserializeOwned>(&self) -> Result<T> {
        let names = self.entry().map(|entry| entry.pattern().labels());
        let mut captures = Vec::new();
        for name in names.into_iter().flatten() {
            if let Some(value) = self.capture(&name)? {
                let value = value.into_owned();
                captures.push((name, value));
            }
        }
        from_captures(&captures)
    }

    /// Returns the query as a value of a type that serde can read.
    ///
    /// Values are cleaned as [`argument`](Self::argument) does. An argument that comes more than once
    /// needs a list or tuple; one the type does not know is left out. `true`, `1`, `on` and `yes` are
    /// true; an `Option` is `None` for a field that was left blank.
    ///
    /// # Errors
    ///
    /// Fails with a 400 that names the argument: if it is missing, comes too often, is not UTF-8 or is
    /// of another type.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde::Deserialize;
    /// use waterspout::{Context, Result};
    ///
    /// #[derive(Deserialize)]
    /// struct Search {
    ///     q: String,
    ///     page: Option<u32>,
    ///     #[serde(default)]
    ///     tag: Vec<String>,
    /// }
    ///
    /// async fn search(cx: &mut Context) -> Result<String> {
    ///     let search: Search = cx.query()?;
    ///     Ok(format!("{} {:?} {}", search.q, search.page, search.tag.len()))
    /// }
    /// ```
    pub fn query<T: DeserializeOwned>(&self) -> Result<T> {
        let query = self.request().query().unwrap_or("");
        from_arguments(&Arguments::parse(query.as_bytes())?)
    }

    /// Returns the fields of a form in the body as a value of a type that serde can read, by the rules
    /// of [`query`](Self::query). Files are apart: [`files`](Self::files).
    ///
    /// # Errors
    ///
    /// Fails with a 415 unless the content type is that of a form, and with a 400 that names the field
    /// as [`query`](Self::query) does, or that says why the form is malformed.
    ///
    /// # Examples
    ///
    /// ```
    /// use serde::Deserialize;
    /// use waterspout::{Context, Result};
    ///
    /// #[derive(Deserialize)]
    /// struct Order {
    ///     article: String,
    ///     count: u32,
    /// }
    ///
    /// async fn order(cx: &mut Context) -> Result<String> {
    ///     let order: Order = cx.form()?;
    ///     Ok(format!("{} times {}", order.count, order.article))
    /// }
    /// ```
    pub fn form<T: DeserializeOwned>(&mut self) -> Result<T> {
        if !self.has_form() {
            let error = HttpError::UNSUPPORTED_MEDIA_TYPE.with_message(
                "Content-Type must be application/x-www-form-urlencoded or multipart/form-data",
            );
            return Err(error.into());
        }
        self.require_buffered_body()?;
        from_arguments(self.body_pairs()?)
    }

    /// Returns the JSON body as a value of a type that serde can read.
    ///
    /// # Errors
    ///
    /// Fails with a 415 unless the content type is JSON, and with a 400 that says what is wrong, at
    /// which field, line and column. That is also the answer where a field of a struct comes twice, and
    /// where the JSON is nested deeper than 128 levels; a map keeps the last of two equal keys.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Context, Result};
    ///
    /// async fn sum(cx: &mut Context) -> Result<String> {
    ///     let numbers: Vec<i64> = cx.json()?;
    ///     Ok(numbers.iter().sum::<i64>().to_string())
    /// }
    /// ```
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        if !self.request().content_type().is_some_and(is_json) {
            let error = HttpError::UNSUPPORTED_MEDIA_TYPE;
            return Err(error
                .with_message("Content-Type must be application/json")
                .into());
        }
        self.require_buffered_body()?;
        from_json(&self.body())
    }

    /// Returns the URL of a named route.
    ///
    /// Values are percent-encoded: a slash in a `{named}` parameter too, in `{*rest}` and in groups
    /// of regular expressions it stays.
    ///
    /// # Errors
    ///
    /// Fails if no route has the name, if the number of arguments is not that of its parameters, or
    /// if one of them is empty.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Result};
    ///
    /// async fn first(cx: &mut Context) -> Result {
    ///     let url = cx.reverse_url("story", [1])?;
    ///     cx.redirect(&url)
    /// }
    ///
    /// let app = Application::new(())
    ///     .get("/story/{id}", async |cx: &mut Context| cx.path::<String>("id")).name("story")
    ///     .get("/first", first);
    /// # drop(app);
    /// ```
    pub fn reverse_url(&self, name: &str, arguments: impl UrlArguments) -> Result<String> {
        let pattern = self.site.router.named(name);
        let pattern = pattern.ok_or_else(|| Misuse::new(format!("no route is named {name:?}")))?;
        let url = pattern.fill(&arguments.into_values());
        Ok(url.map_err(|why| Misuse::new(format!("route {name:?}: {why}")))?)
    }

    /// Everything the pattern captured, decoded; what is not UTF-8 is left out.
    pub(crate) fn captures_by_name(&self) -> Vec<(Box<str>, String)> {
        let Some(entry) = self.entry() else {
            return Vec::new();
        };
        let values = entry.pattern().labels().filter_map(|name| {
            let value = self.capture(&name).ok()??.into_owned();
            Some((name, value))
        });
        values.collect()
    }

    /// Tells whether the pattern captured a part of one segment under a name.
    pub(crate) fn captures_within_segment(&self, name: &str) -> bool {
        self.entry()
            .is_some_and(|entry| entry.pattern().is_within_segment(name))
    }

    /// The pattern of the route, as it was registered.
    pub(crate) fn route_pattern(&self) -> Option<&str> {
        Some(self.entry()?.pattern().source())
    }

    /// The text a pattern captured, decoded.
    fn capture(&self, name: &str) -> Result<Option<Cow<'_, str>>> {
        let position = self
            .entry()
            .and_then(|entry| entry.pattern().position(name));
        let position =
            position.ok_or_else(|| Misuse::new(format!("the route has no parameter {name:?}")))?;
        let Some(range) = self.captures.range(position) else {
            return Ok(None);
        };
        let raw = &self.request().path_bytes()[range];
        let text = percent::decode(raw).map_err(|_| {
            HttpError::bad_request(format!("Invalid unicode in path parameter {name}"))
        })?;
        Ok(Some(text))
    }
}

fn parse_parameter<T>(name: &str, text: &str) -> Result<T>
where
    T: FromStr,
    T::Err: Display,
{
    text.parse().map_err(|error| {
        Error::from(HttpError::bad_request(format!(
            "Invalid path parameter {name}: {error}"
        )))
    })
}

fn missing_group(name: &str) -> HttpError {
    HttpError::bad_request(format!("Missing path parameter {name}"))
}

/// `application/json` and every type with the suffix `+json` (RFC 6839 §3.1).
fn is_json(content_type: &str) -> bool {
    let essence = essence(content_type);
    let suffix = essence.len().checked_sub("+json".len());
    let suffix = suffix.and_then(|at| essence.get(at..));
    essence.eq_ignore_ascii_case("application/json")
        || suffix.is_some_and(|suffix| suffix.eq_ignore_ascii_case("+json"))
}

#[cfg(test)]
mod tests {
    use super::is_json;

    #[test]
    fn json_types_are_known_by_name_and_suffix() {
        assert!(is_json("application/json"));
        assert!(is_json("Application/JSON ; charset=utf-8"));
        assert!(is_json("application/problem+json"));
        assert!(!is_json("text/plain"));
        assert!(!is_json("application/jsonp"));
        assert!(!is_json("é"));
    }
}
