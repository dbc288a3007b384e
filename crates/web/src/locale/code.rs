//! Codes of locales: `en_US`, a language and a region.

/// Brings a code into the form `xx` or `xx_YY`; `None` for what is no code.
///
/// A script between language and region, as in `zh-Hans-CN`, is left out.
pub(super) fn normalise(code: &str) -> Option<String> {
    let mut parts = code.split(['-', '_']);
    let language = parts.next()?;
    let is_language = matches!(language.len(), 2 | 3);
    if !is_language || !language.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let mut normal = language.to_ascii_lowercase();
    for part in parts {
        if !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) || part.is_empty() {
            return None;
        }
        if is_region(part) {
            normal.push('_');
            normal.push_str(&part.to_ascii_uppercase());
            break;
        }
    }
    Some(normal)
}

/// Two letters or three digits: BCP 47.
fn is_region(part: &str) -> bool {
    let letters = part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_alphabetic());
    letters || part.len() == 3 && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// The language of a normal code.
pub(super) fn language(code: &str) -> &str {
    code.split('_').next().unwrap_or(code)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_brought_into_one_form() {
        for (code, normal) in [
            ("en", "en"),
            ("EN-us", "en_US"),
            ("pt_br", "pt_BR"),
            ("zh-Hans-CN", "zh_CN"),
            ("es-419", "es_419"),
            ("fil", "fil"),
        ] {
            assert_eq!(normalise(code).as_deref(), Some(normal));
        }
        for wrong in [
            "", "*", "e", "english", "en-", "en/us", "../x", "é", "en-\u{0}",
        ] {
            assert_eq!(normalise(wrong), None, "{wrong:?}");
        }
    }
}
