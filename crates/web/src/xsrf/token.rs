//! Tokens: sixteen random octets for each browser.
//!
//! Form 2 is `2|mask|masked|time`: four random octets, the token with the mask laid over it again and again,
//! both in hexadecimal digits, and when the token was made. Form 1 is the token in hexadecimal digits.

use crate::signed::{hex, same_secret, unhex};

/// A token without its mask.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct RawToken {
    octets: Vec<u8>,
    time: u64,
}

impl RawToken {
    /// Makes a new token.
    pub(crate) fn random(time: u64) -> Result<Self, getrandom::Error> {
        let mut octets = vec![0; 16];
        getrandom::fill(&mut octets)?;
        Ok(Self { octets, time })
    }

    /// Reads a token in either form. What is not hexadecimal is taken as it is, as Tornado does.
    pub(crate) fn parse(text: &str, now: u64) -> Option<Self> {
        let (octets, time) = match text.split_once('|') {
            Some(("2", rest)) => parse_masked(rest)?,
            Some((number, _)) if is_number(number) => return None,
            _ => {
                let octets = unhex(text).unwrap_or_else(|| text.as_bytes().to_vec());
                (octets, now)
            }
        };
        (!octets.is_empty()).then_some(Self { octets, time })
    }

    /// Writes form 2 under a new mask.
    pub(crate) fn masked(&self) -> Result<String, getrandom::Error> {
        let mut mask = [0; 4];
        getrandom::fill(&mut mask)?;
        Ok(self.masked_with(mask))
    }

    /// Writes form 1.
    pub(crate) fn plain(&self) -> String {
        hex(&self.octets)
    }

    pub(crate) fn is_same(&self, other: &Self) -> bool {
        same_secret(&self.octets, &other.octets)
    }

    fn masked_with(&self, mask: [u8; 4]) -> String {
        let masked = lay_over(&self.octets, mask);
        format!("2|{}|{}|{}", hex(&mask), hex(&masked), self.time)
    }
}

/// `mask|masked|time`.
fn parse_masked(text: &str) -> Option<(Vec<u8>, u64)> {
    let mut parts = text.split('|');
    let (mask, masked, time) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() || !is_number(time) {
        return None;
    }
    let mask = <[u8; 4]>::try_from(unhex(mask)?).ok()?;
    Some((lay_over(&unhex(masked)?, mask), time.parse().ok()?))
}

fn lay_over(octets: &[u8], mask: [u8; 4]) -> Vec<u8> {
    let pairs = octets.iter().zip(mask.iter().cycle());
    pairs.map(|(octet, mask)| octet ^ mask).collect()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn parse(text: &str) -> Option<RawToken> {
        RawToken::parse(text, NOW)
    }

    #[test]
    fn both_forms_are_tornados() {
        let plain = "00112233445566778899aabbccddeeff";
        let masked = "2|a1b2c3d4|a1a3e1e7e5e7a5a3292b696f6d6f2d2b|1700000000";
        let token = parse(plain).unwrap();
        assert_eq!(token.masked_with([0xa1, 0xb2, 0xc3, 0xd4]), masked);
        let unmasked = parse(masked).unwrap();
        assert_eq!(unmasked.plain(), plain);
        assert!(unmasked.is_same(&token));
    }

    #[test]
    fn what_is_no_token_is_none() {
        for text in [
            "",
            "3|",
            "1|x",
            "2|",
            "2|||",
            "2|a1b2c3d4||1",
            "2|a1b2c3|00|1",
            "2|a1b2c3d4e5|00|1",
            "2|a1b2c3d4|0|1",
            "2|a1b2c3d4|zz|1",
            "2|a1b2c3d4|00|",
            "2|a1b2c3d4|00|1|2",
            "2|a1b2c3d4|00|-1",
            "2|a1b2c3d4|00|99999999999999999999",
            "2|é1b2c3d|00|1",
        ] {
            assert!(parse(text).is_none(), "{text:?}");
        }
        // Not hexadecimal, not of form 2: tokens as they are, as in Tornado.
        for text in ["xoxo", "deadbeef", "a|b", "|"] {
            assert!(parse(text).is_some(), "{text:?}");
        }
    }

    #[test]
    fn every_rendering_differs_and_means_the_same() {
        let token = RawToken::random(NOW).unwrap();
        let texts: std::collections::HashSet<_> =
            (0..10).map(|_| token.masked().unwrap()).collect();
        assert_eq!(texts.len(), 10);
        for text in texts {
            assert!(parse(&text).unwrap().is_same(&token));
        }
        assert!(!RawToken::random(NOW).unwrap().is_same(&token));
    }

    proptest! {
        #[test]
        fn tokens_of_any_octets_survive_every_mask(octets in prop::collection::vec(any::<u8>(), 1..40), mask: [u8; 4]) {
            let token = RawToken { octets, time: NOW };
            let read = parse(&token.masked_with(mask)).unwrap();
            prop_assert!(read.is_same(&token) && read.time == NOW);
            prop_assert!(parse(&token.plain()).unwrap().is_same(&token));
        }

        #[test]
        fn nothing_makes_it_panic(text in "(2\\|)?[0-9a-f|\\PC]{0,40}") {
            _ = parse(&text);
        }
    }
}
