//! What `WWW-Authenticate` asks for (RFC 9110 §11.6.1).

/// One challenge: a scheme with parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Challenge {
    pub(super) scheme: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        let mut named = self.parameters.iter().filter(|(known, _)| known == name);
        named.next().map(|(_, value)| value.as_str())
    }
}

/// Reads the challenges of one field, up to where it is malformed.
///
/// Commas divide challenges and also their parameters: a word is a parameter if `=` and a value
/// follow it, and a scheme if not.
pub(super) fn parse_challenges(field: &str) -> Vec<Challenge> {
    let mut found: Vec<Challenge> = Vec::new();
    let mut rest = field;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        let Some((word, after)) = token(rest) else {
            return found;
        };
        if let Some(assigned) = assigned(after) {
            let Some((value, after)) = value(assigned) else {
                return found;
            };
            let Some(challenge) = found.last_mut() else {
                return found;
            };
            let parameter = (word.to_ascii_lowercase(), value);
            challenge.parameters.push(parameter);
            rest = after;
            continue;
        }
        found.push(Challenge {
            scheme: word.to_owned(),
            parameters: Vec::new(),
        });
        rest = after_token68(after);
    }
}

/// Takes a token off the front.
fn token(text: &str) -> Option<(&str, &str)> {
    let end = text
        .bytes()
        .position(|octet| !crate::headers::is_token(octet))
        .unwrap_or(text.len());
    (end > 0).then(|| text.split_at(end))
}

/// What follows `=`, if that comes next.
fn assigned(text: &str) -> Option<&str> {
    let text = text.trim_start_matches([' ', '\t']).strip_prefix('=')?;
    Some(text.trim_start_matches([' ', '\t']))
}

/// Takes a value off the front, quoted or not.
fn value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        return token(text).map(|(value, rest)| (value.to_owned(), rest));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &quoted[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            character => value.push(character),
        }
    }
    None
}

/// Skips credentials in one word, as `Negotiate` has them.
fn after_token68(text: &str) -> &str {
    let word = text.trim_start_matches([' ', '\t']);
    let end = word.find([',', ' ', '\t']).unwrap_or(word.len());
    let (word, rest) = word.split_at(end);
    let bare = word.trim_end_matches('=');
    let is_token68 = bare
        .bytes()
        .all(|octet| octet.is_ascii_alphanumeric() || b"-._~+/".contains(&octet));
    let ends = rest.trim_start_matches([' ', '\t']);
    if !bare.is_empty() && is_token68 && (ends.is_empty() || ends.starts_with(',')) {
        rest
    } else {
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schemes(field: &str) -> Vec<String> {
        let found = parse_challenges(field);
        found
            .into_iter()
            .map(|challenge| challenge.scheme)
            .collect()
    }

    #[test]
    fn several_challenges_in_one_field_are_told_apart() {
        let field = "Basic realm=\"a, b\", Digest realm = \"c \\\"d\\\"\", nonce=x,qop=\"auth,auth-int\" , \
                     Negotiate abc==, Bearer";
        let found = parse_challenges(field);
        assert_eq!(schemes(field), ["Basic", "Digest", "Negotiate", "Bearer"]);
        assert_eq!(found[0].parameter("realm"), Some("a, b"));
        assert_eq!(found[1].parameter("realm"), Some("c \"d\""));
        assert_eq!(found[1].parameter("nonce"), Some("x"));
        assert_eq!(found[1].parameter("qop"), Some("auth,auth-int"));
    }

    #[test]
    fn what_is_malformed_ends_the_reading() {
        for field in ["", ",", "=", "a=b", "\"", "Digest realm=\"open", "é"] {
            assert!(schemes(field).len() <= 1, "{field:?}");
        }
        assert_eq!(
            parse_challenges("Digest realm=\"open")[0].parameter("realm"),
            None
        );
    }

    proptest::proptest! {
        #[test]
        fn any_text_comes_to_an_end(text in "[a-zA-Z=\", \\\\\\x00-\\xff]{0,200}") {
            _ = parse_challenges(&text);
        }
    }
}
