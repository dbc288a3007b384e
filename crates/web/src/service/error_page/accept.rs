//! What kind of page a client wants: `Accept`, RFC 9110 §12.5.1.

/// Tells whether a client names JSON and likes it better than HTML. `*/*` alone gets HTML.
pub(super) fn prefers_json(field: &str) -> bool {
    let (mut json, mut html) = (None, None);
    for range in field.split(',') {
        let mut parts = range.split(';').map(str::trim);
        let kind = parts.next().unwrap_or_default();
        let weight = parts.find_map(weight).unwrap_or(1000);
        let slot = if is_json(kind) {
            &mut json
        } else if is_html(kind) {
            &mut html
        } else {
            continue;
        };
        *slot = Some(slot.unwrap_or(0).max(weight));
    }
    match (json, html) {
        (Some(json), Some(html)) => json > html,
        (Some(json), None) => json > 0,
        (None, _) => false,
    }
}

fn is_json(kind: &str) -> bool {
    let known = ["application/json", "application/problem+json"];
    known.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

fn is_html(kind: &str) -> bool {
    let known = ["text/html", "application/xhtml+xml", "text/*"];
    known.iter().any(|known| kind.eq_ignore_ascii_case(known))
}

/// `q=0.5` in thousandths; what is malformed counts as nothing.
fn weight(parameter: &str) -> Option<u16> {
    let (name, value) = parameter.split_once('=')?;
    if !name.trim().eq_ignore_ascii_case("q") {
        return None;
    }
    let weight = value.trim().parse::<f32>().unwrap_or(0.0);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it lies between 0 and 1000"
    )]
    Some((weight.clamp(0.0, 1.0) * 1000.0) as u16)
}

#[cfg(test)]
mod tests {
    use super::prefers_json;

    #[test]
    fn json_is_for_those_who_name_it() {
        for field in [
            "application/json",
            "application/problem+json, */*;q=0.1",
            "Application/JSON; charset=utf-8",
            "text/html;q=0.5, application/json;q=0.6",
            "text/html;q=0, application/json;q=0.1",
        ] {
            assert!(prefers_json(field), "{field}");
        }
        for field in [
            "",
            "*/*",
            "text/html,application/xhtml+xml,*/*;q=0.8",
            "application/json, text/html",
            "application/json;q=0",
            "application/json;q=x",
            "application/json;q=NaN",
            "image/png",
        ] {
            assert!(!prefers_json(field), "{field}");
        }
    }
}
