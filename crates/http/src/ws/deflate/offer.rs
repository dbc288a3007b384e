//! What a client offers, and what it makes of the answer (RFC 7692 §7.1).

use super::params::{Names, Offer};
use super::{CompressionOptions, Params};

impl CompressionOptions {
    /// Returns the value of `Sec-WebSocket-Extensions` by which a client offers compression.
    ///
    /// Without context takeover it offers twice: a server that always keeps its context may take the
    /// second.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout_http::ws::CompressionOptions;
    ///
    /// let options = CompressionOptions::default().context_takeover(true);
    /// assert_eq!(options.offer(), "permessage-deflate; client_max_window_bits");
    /// ```
    #[must_use]
    pub fn offer(&self) -> String {
        let mut first = "permessage-deflate".to_owned();
        if !self.context_takeover {
            first.push_str("; client_no_context_takeover");
        }
        if self.client_window_bits < 15 {
            first.push_str(&format!(
                "; server_max_window_bits={}",
                self.client_window_bits
            ));
        }
        first.push_str("; client_max_window_bits");
        if self.window_bits < 15 {
            first.push_str(&format!("={}", self.window_bits));
        }
        if self.context_takeover {
            first
        } else {
            format!("{first}; server_no_context_takeover, {first}")
        }
    }
}

impl Params {
    /// Parses the answer to [`CompressionOptions::offer`]; `None` if it is not one.
    pub(in crate::ws) fn of_answer(answer: &[u8], options: &CompressionOptions) -> Option<Self> {
        let answer = Offer::parse(answer)?;
        let server = answer.server_max_window_bits.unwrap_or(15);
        // RFC 7692 §7.1.2: what is asked for is kept to, and the answer names a number.
        if server > options.client_window_bits {
            return None;
        }
        let client = match answer.client_max_window_bits {
            Some(None) => return None,
            Some(Some(bits)) => bits,
            None => 15,
        };
        Some(Self {
            server_no_context_takeover: answer.server_no_context_takeover,
            client_no_context_takeover: answer.client_no_context_takeover,
            server_max_window_bits: server,
            client_max_window_bits: client.min(options.window_bits),
            names: Names::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offers_say_what_the_options_say() {
        let options = CompressionOptions::default();
        let base = "permessage-deflate; client_no_context_takeover; client_max_window_bits";
        let twice = format!("{base}; server_no_context_takeover, {base}");
        assert_eq!(options.offer(), twice);
        let options = options
            .context_takeover(true)
            .window_bits(10)
            .client_window_bits(9);
        assert_eq!(
            options.offer(),
            "permessage-deflate; server_max_window_bits=9; client_max_window_bits=10"
        );
    }

    #[test]
    fn our_server_takes_our_offers() {
        for options in [
            CompressionOptions::default(),
            CompressionOptions::default()
                .context_takeover(true)
                .window_bits(9),
        ] {
            let offer = options.offer();
            let chosen = Params::negotiate(std::iter::once(offer.as_bytes()), &options).unwrap();
            let answer = chosen.to_string();
            let agreed = Params::of_answer(answer.as_bytes(), &options).unwrap();
            assert_eq!(
                agreed.server_no_context_takeover, !options.context_takeover,
                "{answer}"
            );
            assert_eq!(agreed.client_max_window_bits, options.window_bits);
        }
    }

    #[test]
    fn answers_that_leave_the_offer_are_refused() {
        let options = CompressionOptions::default().client_window_bits(10);
        let parse = |answer: &str| Params::of_answer(answer.as_bytes(), &options);
        assert!(parse("permessage-deflate; server_max_window_bits=10").is_some());
        for answer in [
            "permessage-deflate",
            "permessage-deflate; server_max_window_bits=11",
            "permessage-deflate; server_max_window_bits=10; client_max_window_bits",
            "permessage-deflate; server_max_window_bits=10; foo",
            "permessage-deflate; server_max_window_bits=10; server_max_window_bits=10",
            "permessage-deflate; server_max_window_bits=7",
            "x",
        ] {
            assert_eq!(parse(answer), None, "{answer}");
        }
    }
}
