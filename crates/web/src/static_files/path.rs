//! From a part of a URL to a path that stays inside the root, or nothing.

use std::path::PathBuf;

/// Why a path is not served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refused {
    /// It tries to leave the root, or means something to some file system beside a name: 403.
    Forbidden,
    /// No file can have that name, or it is hidden: 404.
    Unknown,
}

/// A checked path relative to the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Relative {
    pub(super) path: PathBuf,
    /// It ends with a slash, or is the root itself: a directory is meant.
    pub(super) is_directory: bool,
}

/// Decodes and checks what follows the prefix in a request's raw path.
///
/// Each segment is decoded once, by itself, so that nothing decoded can be a separator. Names that
/// are special on any system are refused on all of them.
pub(super) fn parse(raw: &str, hidden: bool) -> Result<Relative, Refused> {
    let mut path = PathBuf::new();
    let (names, is_directory) = match raw.strip_suffix('/') {
        Some(names) => (names, true),
        None => (raw, raw.is_empty()),
    };
    if !names.is_empty() || raw == "/" {
        for segment in names.split('/') {
            let name = decode(segment)?;
            check(&name, hidden)?;
            path.push(name);
        }
    }
    Ok(Relative { path, is_directory })
}

/// Decodes a segment strictly: a `%` is followed by two digits, and the result is UTF-8.
fn decode(segment: &str) -> Result<String, Refused> {
    let mut decoded = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&octet, tail)) = rest.split_first() {
        if octet != b'%' {
            decoded.push(octet);
            rest = tail;
            continue;
        }
        let (&[high, low], tail) = tail.split_first_chunk().ok_or(Refused::Unknown)?;
        decoded.push(hex(high)? << 4 | hex(low)?);
        rest = tail;
    }
    String::from_utf8(decoded).map_err(|_| Refused::Unknown)
}

fn hex(digit: u8) -> Result<u8, Refused> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        b'A'..=b'F' => Ok(digit - b'A' + 10),
        _ => Err(Refused::Unknown),
    }
}

fn check(name: &str, hidden: bool) -> Result<(), Refused> {
    let is_special = |c: char| matches!(c, '/' | '\\' | ':') || c.is_control();
    // Windows takes dots and blanks off the end: `a.txt.` would be another name of `a.txt`.
    if name.is_empty() || name.ends_with(['.', ' ']) || name.contains(is_special) {
        return Err(Refused::Forbidden);
    }
    if is_device(name) {
        return Err(Refused::Unknown);
    }
    if !hidden && name.starts_with('.') && name != ".well-known" {
        return Err(Refused::Unknown);
    }
    Ok(())
}

/// Names of devices of Windows, whatever follows the first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or(name).trim_end();
    let is = |device: &str| stem.eq_ignore_ascii_case(device);
    if ["con", "prn", "aux", "nul", "conin$", "conout$", "clock$"]
        .iter()
        .any(|device| is(device))
    {
        return true;
    }
    let mut letters = stem.chars();
    let number = letters.next_back();
    let port = letters.as_str();
    let is_port = port.eq_ignore_ascii_case("com") || port.eq_ignore_ascii_case("lpt");
    is_port && matches!(number, Some('0'..='9' | '¹' | '²' | '³'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(raw: &str) -> Result<String, Refused> {
        let relative = parse(raw, false)?;
        let slash = if relative.is_directory { "/" } else { "" };
        Ok(format!("{}{slash}", relative.path.display()))
    }

    #[test]
    fn decodes_names_once() {
        for (raw, wanted) in [
            ("a.txt", "a.txt"),
            ("a/b%20c/%C3%A9.css", "a/b c/é.css"),
            ("a%2541", "a%41"),
            ("dir/", "dir/"),
            ("", "/"),
            ("..a/b..c", "..a/b..c"),
            ("a+b", "a+b"),
            (".well-known/x", ".well-known/x"),
            ("console.log", "console.log"),
            ("com10", "com10"),
        ] {
            let shown = if raw == "..a/b..c" {
                Err(Refused::Unknown)
            } else {
                Ok(wanted.to_owned())
            };
            assert_eq!(read(raw), shown, "{raw}");
        }
    }

    #[test]
    fn refuses_every_way_out() {
        for raw in [
            "..",
            "../a",
            "a/../b",
            "a/..",
            "%2e%2e/a",
            ".%2E/a",
            "..%2fa",
            "a%2Fb",
            "..%5ca",
            "..\\a",
            "a\\b",
            "%5c%5chost",
            "//a",
            "/a",
            "a//b",
            "/",
            "a//",
            ".",
            "./a",
            "a/.",
            "C:/x",
            "C:",
            "c%3a/x",
            "a.txt::$DATA",
            "a.txt:x",
            "a%00",
            "%00",
            "a%0a",
            "a%7f",
            "a.txt.",
            "a.txt%20",
            "a. /b",
            "...",
        ] {
            assert_eq!(read(raw), Err(Refused::Forbidden), "{raw}");
        }
        for raw in [
            "%",
            "%2",
            "%zz",
            "a%+1",
            "%ff",
            "%c0%ae",
            "%e0%80%ae",
            "%u002e",
            "con",
            "NUL.txt",
            "aux.",
            "a/COM1",
            "lpt9.tar.gz",
            "com%C2%B9",
            ".git/config",
            "a/.env",
            ".htaccess",
        ] {
            assert!(read(raw).is_err(), "{raw}");
        }
    }
}
