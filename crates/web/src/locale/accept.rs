//! `Accept-Language`: RFC 9110 §12.5.4.

/// Returns the codes a client accepts, the one it likes best first.
///
/// Languages with a weight of zero or a malformed one are left out; equal ones stay in their order.
pub(crate) fn accepted_codes(field: &str) -> Vec<&str> {
    let mut accepted: Vec<(&str, u16)> = field.split(',').filter_map(item).collect();
    accepted.sort_by_key(|(_, weight)| std::cmp::Reverse(*weight));
    accepted.into_iter().map(|(code, _)| code).collect()
}

fn item(text: &str) -> Option<(&str, u16)> {
    let (code, parameters) = match text.split_once(';') {
        Some((code, parameters)) => (code, Some(parameters)),
        None => (text, None),
    };
    let code = code.trim_matches([' ', '\t']);
    let weight = match parameters {
        Some(parameters) => weight(parameters.trim_matches([' ', '\t']))?,
        None => 1000,
    };
    (!code.is_empty() && weight > 0).then_some((code, weight))
}

/// Reads `q=0.5` as thousandths.
fn weight(text: &str) -> Option<u16> {
    let value = text
        .strip_prefix("q=")
        .or_else(|| text.strip_prefix("Q="))?;
    let (whole, fraction) = value.split_once('.').unwrap_or((value, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !matches!(whole, "0" | "1") || !digits(fraction) || fraction.len() > 3 {
        return None;
    }
    let thousandths = format!("{fraction:0<3}").parse().unwrap_or(0);
    match whole {
        "1" => Some(1000),
        _ => Some(thousandths),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_liked_best_comes_first() {
        let accepted = accepted_codes("fr;q=0.5, en-US , de;q=0.9,es;q=0.5");
        assert_eq!(accepted, ["en-US", "de", "fr", "es"]);
        assert_eq!(accepted_codes("fr-FR; q=0.9"), ["fr-FR"]);
    }

    #[test]
    fn refused_and_malformed_languages_are_left_out() {
        for field in [
            "",
            "fr;q=0",
            "fr;q=-1",
            "fr;q=x",
            "fr;q=0.0001",
            "fr;v=1",
            ";q=1",
            ",,",
        ] {
            assert!(accepted_codes(field).is_empty(), "{field}");
        }
    }
}
