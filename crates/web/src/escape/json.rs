//! JSON that may stand in a page.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::error::Result;

/// Serialises a value as JSON that may stand in a script of a page: `</` becomes `<\/`, which means
/// the same and cannot end the script.
///
/// # Errors
///
/// Fails if the value cannot be serialised.
///
/// # Examples
///
/// ```
/// use waterspout::escape::json_encode;
///
/// assert_eq!(json_encode("</script>")?, r#""<\/script>""#);
/// # Ok::<(), waterspout::Error>(())
/// ```
pub fn json_encode<T: Serialize + ?Sized>(value: &T) -> Result<String> {
    let text = serde_json::to_string(value)?;
    if text.contains("</") {
        return Ok(text.replace("</", "<\\/"));
    }
    Ok(text)
}

/// Reads a value from JSON.
///
/// # Errors
///
/// Fails if the text is not JSON, or not of the type. The error is a 500 if a handler returns it;
/// [`Context::json`](crate::Context::json) makes a 400 of what a client sent.
pub fn json_decode<T: DeserializeOwned>(text: impl AsRef<[u8]>) -> Result<T> {
    Ok(serde_json::from_slice(text.as_ref())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_come_back() {
        let text: String = json_decode(r#""foo""#).unwrap();
        assert_eq!(text, "foo");
        let text: String = json_decode(b"\"\xc3\xa9\"").unwrap();
        assert_eq!(text, "é");
        assert_eq!(json_encode("é").unwrap(), "\"é\"");
        assert_eq!(json_encode(&["</a>"; 2]).unwrap(), r#"["<\/a>","<\/a>"]"#);
        assert!(json_decode::<String>("1").is_err());
    }
}
