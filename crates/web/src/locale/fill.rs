//! Values in translated texts.

/// Puts values into a translated text where it says `%(name)s` or `%(name)d`, as Python's and gettext's
/// texts do; `%%` is a percent sign.
///
/// A name without a value stays as it is, so that a wrong translation is seen and does no harm.
///
/// # Examples
///
/// ```
/// use waterspout::locale::fill;
///
/// let text = fill("%(count)d of %(all)s, 5%%", &[("count", "3"), ("all", "7")]);
/// assert_eq!(text, "3 of 7, 5%");
/// ```
#[must_use]
pub fn fill(text: &str, values: &[(&str, &str)]) -> String {
    fill_with(text, |name| {
        let value = values.iter().find(|(known, _)| *known == name);
        value.map(|(_, value)| (*value).to_owned())
    })
}

/// The same, with the values from a function.
pub(crate) fn fill_with(text: &str, value: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
        } else if let Some((filled, length)) = field(after, &value) {
            out.push_str(&filled);
            rest = &after[length..];
        } else {
            out.push('%');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// The value of `(name)s` at the beginning of a text, and the length of that.
fn field(text: &str, value: &impl Fn(&str) -> Option<String>) -> Option<(String, usize)> {
    let name = text.strip_prefix('(')?;
    let end = name.find([')', '%'])?;
    let after = name[end..].strip_prefix(')')?;
    after.starts_with(['s', 'd']).then_some(())?;
    Some((value(&name[..end])?, end + "()s".len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_names_are_replaced() {
        let values = [("a", "1"), ("b", "%(a)s")];
        assert_eq!(fill("%(a)s%(a)d%(b)s", &values), "11%(a)s");
        for text in ["%", "%(", "%(a", "%(a)", "%(a)x", "%(c)s", "100%", "%(a%)s"] {
            assert_eq!(fill(text, &values), text);
        }
        assert_eq!(fill("%%(a)s %é", &values), "%(a)s %é");
    }

    #[test]
    fn many_beginnings_cost_little() {
        let text = "%(".repeat(200_000);
        assert_eq!(fill(&text, &[]), text);
    }
}
