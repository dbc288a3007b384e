//! Signatures with HMAC-SHA1 (RFC 5849 §3.4).

use http::{Method, Uri};
use waterspout_http::base64;

use crate::arguments::Arguments;
use crate::error::{Misuse, Result};
use crate::percent;
use crate::signed::hmac_sha1;

/// Secrets that a request is signed with; the second is empty before there is a token.
pub(super) struct Secrets<'s> {
    pub(super) client: &'s str,
    pub(super) token: &'s str,
}

impl Secrets<'_> {
    /// The signature of a request with all its parameters but those of the URL's query, which are added here.
    pub(super) fn sign(
        &self,
        method: &Method,
        url: &str,
        parameters: &[(&str, &str)],
    ) -> Result<String> {
        let text = base_string(method, url, parameters)?;
        let key = format!("{}&{}", escaped(self.client), escaped(self.token));
        Ok(base64::encode(hmac_sha1(key.as_bytes(), text.as_bytes())))
    }
}

/// What is signed (§3.4.1): method, URL and parameters, each escaped, joined by `&`.
fn base_string(method: &Method, url: &str, parameters: &[(&str, &str)]) -> Result<String> {
    let uri: Uri = url.split('#').next().unwrap_or(url).parse()?;
    let mut all: Vec<(String, String)> = parameters
        .iter()
        .map(|(name, value)| (escaped(name), escaped(value)))
        .collect();
    let query = Arguments::parse(uri.query().unwrap_or("").as_bytes())?;
    for (name, value) in query.iter() {
        let value = std::str::from_utf8(value)?;
        all.push((escaped(name), escaped(value)));
    }
    all.sort();
    let all: Vec<String> = all
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let method = method.as_str().to_ascii_uppercase();
    let url = base_url(&uri)?;
    Ok(format!(
        "{method}&{}&{}",
        escaped(&url),
        escaped(&all.join("&"))
    ))
}

/// Scheme and host in lower case, the port unless it is the usual one, the path; no query (§3.4.1.2).
fn base_url(uri: &Uri) -> Result<String> {
    let (Some(scheme), Some(host)) = (uri.scheme_str(), uri.host()) else {
        return Err(Misuse::new("a signed request needs a whole URL").into());
    };
    let usual = if scheme == "https" { 443 } else { 80 };
    let port = uri.port_u16().filter(|port| *port != usual);
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    let host = host.to_ascii_lowercase();
    Ok(format!("{scheme}://{host}{port}{}", uri.path()))
}

/// §3.6: everything but letters, digits, `-`, `.`, `_` and `~`.
pub(super) fn escaped(text: &str) -> String {
    percent::encode_segment(text).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_rfc_5849_gives_its_base_string() {
        // §3.4.1.1 and §3.4.1.3.
        let text = base_string(
            &Method::POST,
            "http://EXAMPLE.COM:80/request?b5=%3D%253D&a3=a&c%40=&a2=r%20b",
            &[
                ("oauth_consumer_key", "9djdj82h48djs9d2"),
                ("oauth_token", "kkk9d7dh3k39sjv7"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131201"),
                ("oauth_nonce", "7d8f3e4a"),
                ("c2", ""),
                ("a3", "2 q"),
            ],
        );
        assert_eq!(
            text.unwrap(),
            "POST&http%3A%2F%2Fexample.com%2Frequest&a2%3Dr%2520b%26a3%3D2%2520q%26a3%3Da%26b5%3D%25\
             3D%25253D%26c%2540%3D%26c2%3D%26oauth_consumer_key%3D9djdj82h48djs9d2%26oauth_nonce%3D7d\
             8f3e4a%26oauth_signature_method%3DHMAC-SHA1%26oauth_timestamp%3D137131201%26oauth_token%3Dk\
             kk9d7dh3k39sjv7"
        );
    }

    #[test]
    fn the_requests_of_rfc_5849_have_their_signatures() {
        // §1.2: getting temporary credentials, a token, and a picture.
        let initiate = Secrets {
            client: "kd94hf93k423kf44",
            token: "",
        };
        let signature = initiate.sign(
            &Method::POST,
            "https://photos.example.net/initiate",
            &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131200"),
                ("oauth_nonce", "wIjqoS"),
                ("oauth_callback", "http://printer.example.com/ready"),
            ],
        );
        assert_eq!(signature.unwrap(), "74KNZJeDHnMBp0EMJ9ZHt/XKycU=");
        let token = Secrets {
            client: "kd94hf93k423kf44",
            token: "hdhd0244k9j7ao03",
        };
        let signature = token.sign(
            &Method::POST,
            "https://photos.example.net/token",
            &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_token", "hh5s93j4hdidpola"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131201"),
                ("oauth_nonce", "walatlh"),
                ("oauth_verifier", "hfdp7dh39dks9884"),
            ],
        );
        assert_eq!(signature.unwrap(), "gKgrFCywp7rO0OXSjdot/IHF7IU=");
        let photos = Secrets {
            client: "kd94hf93k423kf44",
            token: "pfkkdhi9sl3r4s00",
        };
        let signature = photos.sign(
            &Method::GET,
            "http://photos.example.net/photos?file=vacation.jpg&size=original",
            &[
                ("oauth_consumer_key", "dpf43f3p2l4k3l03"),
                ("oauth_token", "nnch734d00sl2jdk"),
                ("oauth_signature_method", "HMAC-SHA1"),
                ("oauth_timestamp", "137131202"),
                ("oauth_nonce", "chapoH"),
            ],
        );
        assert_eq!(signature.unwrap(), "MdpQcU8iPSUjWoN/UDMsK2sui9I=");
    }

    #[test]
    fn tornados_example_is_signed_as_tornado_does() {
        let secrets = Secrets {
            client: "c&s",
            token: "",
        };
        let parameters = [
            ("oauth_consumer_key", "ck"),
            ("oauth_token", "tk"),
            ("oauth_signature_method", "HMAC-SHA1"),
            ("oauth_timestamp", "1700000000"),
            ("oauth_nonce", "000102030405060708090a0b0c0d0e0f"),
            ("oauth_version", "1.0"),
            ("foo", "b r/é"),
        ];
        let signature = secrets.sign(&Method::GET, "http://example.com/a", &parameters);
        assert_eq!(signature.unwrap(), "p+toq3N5wA1oMZ5rE9m1IIxVGYs=");
    }

    #[test]
    fn a_url_that_is_no_whole_one_cannot_be_signed() {
        for url in ["", "/path", "example.com", "http://h/?a=%ff"] {
            assert!(base_string(&Method::GET, url, &[]).is_err(), "{url:?}");
        }
    }
}
