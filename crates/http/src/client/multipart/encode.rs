//! Octets between the parts.

use super::Part;
use crate::headers::is_field_octet;

/// What stands before a part's content.
pub(super) fn head(boundary: &str, name: &str, part: &Part) -> Result<String, String> {
    if name.is_empty() {
        return Err("a part of a form has no name".into());
    }
    let mut out = format!("--{boundary}\r\nContent-Disposition: form-data; name=\"");
    escape(name, &mut out);
    out.push('"');
    if let Some(file_name) = &part.file_name {
        out.push_str("; filename=\"");
        escape(file_name, &mut out);
        out.push('"');
    }
    out.push_str("\r\n");
    if let Some(content_type) = &part.content_type {
        if !content_type.bytes().all(is_field_octet) {
            let shown: String = content_type.escape_debug().take(64).collect();
            return Err(format!(
                "the type {shown:?} of a part has a control character"
            ));
        }
        out.push_str("Content-Type: ");
        out.push_str(content_type);
        out.push_str("\r\n");
    }
    out.push_str("\r\n");
    Ok(out)
}

pub(super) const AFTER_PART: &str = "\r\n";

/// What ends a form.
pub(super) fn end(boundary: &str) -> String {
    format!("--{boundary}--\r\n")
}

/// RFC 7578 §4.2, as browsers do it: UTF-8 as it is, and percent-encoded what would end the quotes or
/// the line. A backslash is encoded too, since some readers take it for the start of an escape.
fn escape(text: &str, out: &mut String) {
    for character in text.chars() {
        match character {
            '"' => out.push_str("%22"),
            '\\' => out.push_str("%5C"),
            control if control.is_ascii_control() => {
                out.push_str(&format!("%{:02X}", u32::from(control)));
            }
            character => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_cannot_leave_their_quotes() {
        let part = Part::bytes("").file_name("é\"; name=\"x\\\r\nX: y\0");
        let head = head("b", "a\"\r\n", &part).unwrap();
        assert_eq!(
            head,
            "--b\r\nContent-Disposition: form-data; name=\"a%22%0D%0A\"; \
             filename=\"é%22; name=%22x%5C%0D%0AX: y%00\"\r\n\r\n"
        );
    }

    #[test]
    fn types_have_no_line_ends_and_names_are_not_empty() {
        assert!(
            head(
                "b",
                "a",
                &Part::bytes("").content_type("text/plain\r\nX: y")
            )
            .is_err()
        );
        assert!(head("b", "", &Part::bytes("")).is_err());
    }
}
