//! ID tokens that somebody made up, changed or stole.

use serde_json::{Value, json};
use waterspout::http::base64;
use waterspout::net::IoLoop;

use super::browser::Browser;
use super::identity_provider::now;
use super::openid::start;
use super::signer::Signer;

#[test]
fn claims_that_are_not_what_they_must_be_are_refused() {
    type Change = fn(&mut Value);
    let forged: [(&str, Change); 20] = [
        ("another issuer", |c| {
            c["iss"] = json!("https://evil.example")
        }),
        ("no issuer", |c| c["iss"] = Value::Null),
        ("another site", |c| c["aud"] = json!("another site")),
        ("nobody", |c| c["aud"] = json!([])),
        ("no audience", |c| c["aud"] = Value::Null),
        ("several without azp", |c| {
            c["aud"] = json!(["the site", "another"])
        }),
        ("asked for by another", |c| c["azp"] = json!("another site")),
        ("azp is no text", |c| c["azp"] = json!(7)),
        ("expired", |c| c["exp"] = json!(now() - 61)),
        ("never expires", |c| c["exp"] = Value::Null),
        ("expiry is text", |c| c["exp"] = json!("9999999999")),
        ("from the future", |c| c["iat"] = json!(now() + 120)),
        ("old", |c| c["iat"] = json!(now() - 7200)),
        ("no time", |c| c["iat"] = Value::Null),
        ("not yet", |c| c["nbf"] = json!(now() + 120)),
        ("another try", |c| c["nonce"] = json!("another")),
        ("no nonce", |c| c["nonce"] = Value::Null),
        ("another access token", |c| {
            c["at_hash"] = json!("77QmUPtjPfzWtF2AnpK9RQ")
        }),
        ("no subject", |c| c["sub"] = json!("")),
        ("a long subject", |c| c["sub"] = json!("x".repeat(256))),
    ];
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start("ES256");
        for (what, change) in forged {
            provider.change_claims(change);
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            let response = browser.get(&site, &back).await;
            assert_eq!(response.code(), 403, "{what}");
            let text = response.text().into_owned();
            assert!(text.contains("statement does not count"), "{what}: {text}");
        }
        let lawful: [(&str, Change); 4] = [
            ("clocks differ a little", |c| c["exp"] = json!(now() - 30)),
            ("asked for by us", |c| c["azp"] = json!("the site")),
            ("several, asked for by us", |c| {
                c["aud"] = json!(["another", "the site"]);
                c["azp"] = json!("the site");
            }),
            ("the hash of the access token", |c| {
                use sha2::{Digest, Sha256};
                let hash = Sha256::digest("access-1");
                c["at_hash"] = json!(base64::encode_url(&hash[..16]));
            }),
        ];
        for (what, change) in lawful {
            provider.change_claims(change);
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            assert_eq!(browser.get(&site, &back).await.code(), 200, "{what}");
        }
    });
}

#[test]
fn mail_counts_only_if_the_provider_vouches_for_it() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start("ES256");
        for (verified, shown) in [
            (json!(true), "Some(\"ada@example.com\")"),
            (json!("true"), "Some(\"ada@example.com\")"),
            (json!(false), "None"),
            (json!(1), "None"),
            (Value::Null, "None"),
        ] {
            provider.change_claims(move |claims| claims["email_verified"] = verified.clone());
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            let text = browser.get(&site, &back).await.text().into_owned();
            assert!(text.starts_with(&format!("ada-7 {shown} ")), "{text}");
        }
    });
}

#[test]
fn signatures_of_nobody_are_refused() {
    IoLoop::new().unwrap().run_sync(async {
        let (provider, site) = start("RS256");
        let signer = Signer::new("one", "RS256");
        let claims = json!({
            "iss": provider.url(), "sub": "root", "aud": "the site", "iat": now(), "exp": now() + 60,
        });
        let payload = base64::encode_url(claims.to_string());
        let with_header = |header: Value, signature: &str| {
            format!("{}.{payload}.{signature}", base64::encode_url(header.to_string()))
        };
        // With the public key as a secret: the confusion of algorithms.
        let public = signer.public();
        let key = base64::decode_url(public["n"].as_str().unwrap()).unwrap();
        let input = format!("{}.{payload}", base64::encode_url("{\"alg\":\"HS256\"}"));
        let mac = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, &key);
        let mac = ring::hmac::sign(&mac, input.as_bytes());
        let embedded = Signer::new("evil", "EdDSA");
        let own_key = json!({"alg": "EdDSA", "jwk": embedded.public()});
        for (what, token) in [
            ("none", with_header(json!({"alg": "none"}), "")),
            ("None", with_header(json!({"alg": "None"}), "")),
            ("no signature", with_header(json!({"alg": "RS256", "kid": "one"}), "")),
            ("a wrong signature", with_header(json!({"alg": "RS256", "kid": "one"}), "AAAA")),
            ("HMAC", format!("{input}.{}", base64::encode_url(mac.as_ref()))),
            ("a key of its own", embedded.sign_with_header(&own_key, &claims)),
            ("another key of the name", Signer::new("one", "EdDSA").sign(&claims)),
            ("extensions", signer.sign_with_header(&json!({"alg": "RS256", "crit": ["x"]}), &claims)),
            ("no JSON", signer.sign(&json!("text"))),
            ("no token", "x".to_owned()),
            ("much", "x.".repeat(100_000)),
        ] {
            *provider.state.id_token.borrow_mut() = Some(token);
            let mut browser = Browser::default();
            let back = provider.agree(&mut browser, &site, "/login").await;
            assert_eq!(browser.get(&site, &back).await.code(), 403, "{what}");
        }
    });
}
