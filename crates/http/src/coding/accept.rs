//! Which codings a client takes.

use crate::Headers;

/// Codings named in one request that are looked at; what follows them is ignored.
const MAX_NAMED: usize = 32;

/// Orders those of `offered` that the client takes by its preference, then by the server's.
///
/// A coding is taken if `Accept-Encoding` names it, or `*`, with a quality above 0, and one not lower
/// than that of `identity`, if it names that. `x-gzip` is `gzip` (RFC 9110 §8.4.1.3). A member with a
/// malformed quality is ignored. Without the field nothing is taken: many who leave it out cannot
/// decode anything.
///
/// # Examples
///
/// ```
/// use waterspout_http::Headers;
/// use waterspout_http::coding::accepted_codings;
///
/// let mut fields = Headers::new();
/// fields.append("Accept-Encoding", "gzip;q=0.8, br, zstd;q=0")?;
/// assert_eq!(accepted_codings(&fields, &["zstd", "gzip", "br"]), ["br", "gzip"]);
/// # Ok::<(), waterspout_http::InvalidHeader>(())
/// ```
#[must_use]
pub fn accepted_codings<'o>(headers: &Headers, offered: &[&'o str]) -> Vec<&'o str> {
    let members: Vec<_> = headers
        .get_all("accept-encoding")
        .flat_map(|value| value.split(|octet| *octet == b','))
        .take(MAX_NAMED)
        .filter_map(member)
        .collect();
    let named = |name: &str| {
        let mut members = members.iter();
        members
            .find(|(known, _)| is(known, name))
            .map(|(_, quality)| *quality)
    };
    let identity = named("identity").unwrap_or(1);
    let quality = |name: &str| named(name).or_else(|| named("*")).unwrap_or(0);
    let mut taken: Vec<_> = offered
        .iter()
        .map(|name| (quality(name), *name))
        .filter(|(quality, _)| *quality > 0 && *quality >= identity)
        .collect();
    // Stable, so that the server's order stays among equals.
    taken.sort_by_key(|(quality, _)| std::cmp::Reverse(*quality));
    taken.into_iter().map(|(_, name)| name).collect()
}

fn is(known: &[u8], name: &str) -> bool {
    known.eq_ignore_ascii_case(name.as_bytes())
        || name == "gzip" && known.eq_ignore_ascii_case(b"x-gzip")
}

/// A coding and its quality in thousandths.
fn member(text: &[u8]) -> Option<(&[u8], u16)> {
    let mut parts = text.split(|octet| *octet == b';');
    let name = parts.next()?.trim_ascii();
    let quality = match parts.next() {
        None => 1000,
        Some(weight) => {
            let weight = weight.trim_ascii();
            quality(
                weight
                    .strip_prefix(b"q=")
                    .or_else(|| weight.strip_prefix(b"Q="))?,
            )?
        }
    };
    (!name.is_empty() && parts.next().is_none()).then_some((name, quality))
}

/// RFC 9110 §12.4.2: `0` or `1`, and up to three decimals.
fn quality(text: &[u8]) -> Option<u16> {
    let (whole, decimals) = match text {
        [whole] => (*whole, &[][..]),
        [whole, b'.', decimals @ ..] if decimals.len() <= 3 => (*whole, decimals),
        _ => return None,
    };
    let mut thousandths = match whole {
        b'0' => 0,
        b'1' => 1000,
        _ => return None,
    };
    let mut unit = 100;
    for digit in decimals {
        if !digit.is_ascii_digit() {
            return None;
        }
        thousandths += u16::from(digit - b'0') * unit;
        unit /= 10;
    }
    (thousandths <= 1000).then_some(thousandths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(value: &str) -> Vec<&'static str> {
        let mut headers = Headers::new();
        headers.append("Accept-Encoding", value).unwrap();
        accepted_codings(&headers, &["br", "zstd", "gzip"])
    }

    #[test]
    fn orders_by_quality_then_by_the_servers_order() {
        for (value, wanted) in [
            ("gzip", &["gzip"][..]),
            ("GZIP", &["gzip"]),
            ("x-gzip", &["gzip"]),
            ("gzip, deflate, br, zstd", &["br", "zstd", "gzip"]),
            ("br;q=0.5, gzip", &["gzip", "br"]),
            ("gzip ; q=0.001", &["gzip"]),
            ("*", &["br", "zstd", "gzip"]),
            ("*;q=0.5, zstd;q=0", &["br", "gzip"]),
            ("gzip;q=0", &[]),
            ("gzip;q=0.000", &[]),
            ("identity, gzip;q=0.5", &[]),
            ("identity;q=0.5, gzip;q=0.5", &["gzip"]),
            ("notgzip, gzipped", &[]),
            ("gzip;q=2", &[]),
            ("gzip;q=-1", &[]),
            ("gzip;q=1.001", &[]),
            ("gzip;q=0.1234", &[]),
            ("gzip;level=9", &[]),
            ("", &[]),
        ] {
            assert_eq!(taken(value), wanted, "{value}");
        }
        assert!(accepted_codings(&Headers::new(), &["gzip"]).is_empty());
    }
}
