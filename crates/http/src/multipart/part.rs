//! The head of a part, and the boundary between parts.

use memchr::{memchr, memchr_iter};

use super::MultipartError;
use super::parameters;
use crate::Headers;

/// The head of a part of a form.
#[derive(Debug, Clone)]
pub struct PartHead {
    name: String,
    file_name: Option<String>,
    headers: Headers,
}

impl PartHead {
    /// Returns the name of the form's field.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the name of the file as the client gave it: of `filename*` (RFC 5987), or else of
    /// `filename`. `None` for a field that is no file.
    ///
    /// It may hold slashes and be any name at all: it is nothing to open a file by.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.file_name.as_deref()
    }

    /// Returns the type of the part, if it has one.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.headers.get("content-type")
    }

    /// Returns the fields of the head.
    #[must_use]
    pub fn headers(&self) -> &Headers {
        &self.headers
    }

    /// Reads a head without the empty line at its end.
    pub(super) fn parse(head: &[u8]) -> Result<Self, MultipartError> {
        let mut headers = Headers::new();
        let mut rest = head;
        while !rest.is_empty() {
            let mut ends = memchr_iter(b'\r', rest);
            let (line, after) = match ends.find(|at| rest[at + 1..].starts_with(b"\n")) {
                Some(at) => (&rest[..at], &rest[at + 2..]),
                None => (rest, &[][..]),
            };
            let colon = memchr(b':', line).ok_or(MultipartError::new(
                "a part's head has a line without colon",
            ))?;
            let name = std::str::from_utf8(&line[..colon]).unwrap_or_default();
            let appended = headers.append(name, line[colon + 1..].trim_ascii());
            appended.map_err(|_| MultipartError::new("a part's head has an invalid field"))?;
            rest = after;
        }
        Self::of(headers)
    }

    fn of(headers: Headers) -> Result<Self, MultipartError> {
        let missing = MultipartError::new("a part has no name");
        let mut dispositions = headers.get_all("content-disposition");
        let (Some(disposition), None) = (dispositions.next(), dispositions.next()) else {
            return Err(MultipartError::new("a part needs one Content-Disposition"));
        };
        let disposition = std::str::from_utf8(disposition)
            .map_err(|_| MultipartError::new("a part's head is not UTF-8"))?;
        let (kind, given) = parameters::parse(disposition)?;
        if !kind.eq_ignore_ascii_case("form-data") {
            return Err(MultipartError::new("a part is not form-data"));
        }
        let name = parameters::find(&given, "name")?.filter(|name| !name.is_empty());
        let name = name.ok_or(missing)?.to_owned();
        let plain = parameters::find(&given, "filename")?.map(str::to_owned);
        let file_name = match parameters::find(&given, "filename*")? {
            Some(text) => Some(parameters::extended(text)?),
            None => plain,
        };
        drop(given);
        drop(dispositions);
        Ok(Self {
            name,
            file_name,
            headers,
        })
    }
}

/// Returns the boundary of a `Content-Type`, or `None` if that is not `multipart/form-data`.
///
/// # Errors
///
/// [`MultipartError`] if there is no boundary, more than one, or one that RFC 2046 §5.1.1 does not
/// allow.
///
/// # Examples
///
/// ```
/// use waterspout_http::multipart::boundary;
///
/// assert_eq!(boundary("multipart/form-data; boundary=\"a b\""), Ok(Some("a b".to_owned())));
/// assert_eq!(boundary("text/plain"), Ok(None));
/// assert!(boundary("multipart/form-data").is_err());
/// ```
pub fn boundary(content_type: &str) -> Result<Option<String>, MultipartError> {
    let essence = content_type.split(';').next().unwrap_or_default();
    if !essence
        .trim_ascii()
        .eq_ignore_ascii_case("multipart/form-data")
    {
        return Ok(None);
    }
    let (_, given) = parameters::parse(content_type)?;
    let boundary = parameters::find(&given, "boundary")?;
    let boundary = boundary.filter(|text| {
        matches!(text.len(), 1..=70) && text.bytes().all(is_boundary_octet) && !text.ends_with(' ')
    });
    let invalid = MultipartError::new("multipart/form-data has no valid boundary");
    boundary.map(|text| Some(text.to_owned())).ok_or(invalid)
}

/// RFC 2046 §5.1.1, bchars.
fn is_boundary_octet(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || b"'()+_,-./:=? ".contains(&octet)
}
