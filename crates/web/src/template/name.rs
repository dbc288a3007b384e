//! Names of templates: paths below the directory, with slashes.

/// Tells whether a name stays below the directory: no segment is empty, hidden or `..`, and nothing in it
/// means something to a file system.
pub(super) fn is_safe(name: &str) -> bool {
    let is_segment = |segment: &str| !segment.is_empty() && !segment.starts_with('.');
    let is_plain = |c: char| !c.is_control() && !matches!(c, '\\' | ':');
    name.len() <= 1024 && name.split('/').all(is_segment) && name.chars().all(is_plain)
}

/// Resolves a name that a template includes or extends: one that begins with `./` or `../` is seen from
/// that template, any other from the directory.
pub(super) fn resolve(name: &str, parent: &str) -> String {
    if !name.starts_with("./") && !name.starts_with("../") {
        return name.to_owned();
    }
    let mut segments: Vec<&str> = parent.split('/').collect();
    segments.pop();
    for segment in name.split('/') {
        match segment {
            "." => {}
            ".." if segments.last().is_some_and(|last| *last != "..") => {
                segments.pop();
            }
            other => segments.push(other),
        }
    }
    segments.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_below_the_directory() {
        for name in ["a.html", "a/b.html", "é.html", "a b.html"] {
            assert!(is_safe(name), "{name}");
        }
        for name in [
            "",
            "/etc/passwd",
            "../a",
            "a/../b",
            "a//b",
            "a/",
            "./a",
            ".hidden",
            "a/.git/config",
            "a\\b",
            "..\\a",
            "c:a",
            "a\u{0}",
            "a\nb",
        ] {
            assert!(!is_safe(name), "{name:?}");
        }
        assert!(!is_safe(&"a".repeat(1025)));
    }

    #[test]
    fn relative_names_are_seen_from_the_template() {
        assert_eq!(resolve("b.html", "x/a.html"), "b.html");
        assert_eq!(resolve("./b.html", "x/a.html"), "x/b.html");
        assert_eq!(resolve("../b.html", "x/y/a.html"), "x/b.html");
        assert_eq!(resolve("../../b.html", "x/a.html"), "../b.html");
        assert_eq!(resolve("./../b.html", "a.html"), "../b.html");
        assert!(!is_safe(&resolve("../../b.html", "x/a.html")));
    }
}
