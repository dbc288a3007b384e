//! Filters: the functions of [`escape`](crate::escape).

use minijinja::value::{Kwargs, Value};
use minijinja::{Environment, Error, ErrorKind};

use crate::escape::{Linkify, json_encode, squeeze, url_escape, url_escape_path, xhtml_escape};

pub(super) fn add_to(environment: &mut Environment<'static>) {
    for name in ["xhtml_escape", "escape", "e"] {
        environment.add_filter(name, escaped);
    }
    environment.add_filter("url_escape", url);
    environment.add_filter("json_encode", json);
    environment.add_filter("squeeze", |text: &str| squeeze(text));
    environment.add_filter("linkify", links);
}

/// What is escaped already stays as it is.
fn escaped(value: Value) -> Value {
    if value.is_safe() {
        return value;
    }
    let text = value.to_string();
    Value::from_safe_string(xhtml_escape(&text).into_owned())
}

fn url(text: &str, named: Kwargs) -> Result<String, Error> {
    let plus: Option<bool> = named.get("plus")?;
    named.assert_all_used()?;
    Ok(match plus {
        Some(false) => url_escape_path(text),
        _ => url_escape(text),
    })
}

fn json(value: Value) -> Result<String, Error> {
    json_encode(&value)
        .map_err(|error| Error::new(ErrorKind::BadSerialization, format!("no JSON: {error:?}")))
}

/// The result is HTML.
fn links(text: &str, named: Kwargs) -> Result<Value, Error> {
    let shorten: Option<bool> = named.get("shorten")?;
    let extra: Option<String> = named.get("extra_params")?;
    let require: Option<bool> = named.get("require_protocol")?;
    let protocols: Option<Vec<String>> = named.get("permitted_protocols")?;
    named.assert_all_used()?;
    let protocols: Option<Vec<&str>> = protocols
        .as_ref()
        .map(|protocols| protocols.iter().map(String::as_str).collect());
    let mut linkify = Linkify::new()
        .shorten(shorten.unwrap_or(false))
        .require_protocol(require.unwrap_or(false));
    if let Some(protocols) = &protocols {
        linkify = linkify.permitted_protocols(protocols);
    }
    if let Some(extra) = &extra {
        linkify = linkify.extra_params(extra);
    }
    Ok(Value::from_safe_string(linkify.apply(text)))
}
