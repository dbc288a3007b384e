//! The vectors of RFC 7515 appendix A and RFC 8037 appendix A, and what attackers do with them.

use serde_json::{Value, json};

use super::*;

// RFC 7515 §A.2: RS256.
const RS256: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
const RSA_N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

// RFC 7515 §A.3: ES256.
const ES256: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

// RFC 8037 §A.4: Ed25519.
const EDDSA: &str = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

// RFC 7515 §A.1 (HS256) and §A.5 (none).
const HS256: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
const NONE: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";

fn rsa() -> Value {
    json!({"kty": "RSA", "kid": "r", "use": "sig", "n": RSA_N, "e": "AQAB"})
}

fn ec() -> Value {
    json!({
        "kty": "EC", "crv": "P-256", "kid": "e",
        "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
        "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",
    })
}

fn okp() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"})
}

fn keys() -> Vec<Jwk> {
    read_key_set(&json!({"keys": [rsa(), ec(), okp()]})).unwrap()
}

fn check(token: &str, keys: &[Jwk]) -> Result<Vec<u8>, JwsError> {
    Jws::parse(token)?.verify(keys).map(<[u8]>::to_vec)
}

/// The token with another header.
fn with_header(token: &str, header: &str) -> String {
    let (_, rest) = token.split_once('.').unwrap();
    format!("{}.{rest}", waterspout_http::base64::encode_url(header))
}

#[test]
fn the_published_signatures_are_right() {
    let claims =
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    assert_eq!(check(RS256, &keys()).unwrap(), claims.as_bytes());
    assert_eq!(check(ES256, &keys()).unwrap(), claims.as_bytes());
    assert_eq!(
        check(EDDSA, &keys()).unwrap(),
        b"Example of Ed25519 signing"
    );
}

#[test]
fn a_changed_character_makes_them_wrong() {
    for token in [RS256, ES256, EDDSA] {
        let last = token.rfind('.').unwrap();
        for at in [
            token.find('.').unwrap() + 3,
            last - 3,
            last + 3,
            token.len() - 5,
        ] {
            let mut changed = token.to_owned();
            let other = if &token[at..=at] == "A" { "B" } else { "A" };
            changed.replace_range(at..=at, other);
            assert_eq!(check(&changed, &keys()).unwrap_err(), JwsError::Signature);
        }
        let cut = &token[..token.len() - 4];
        assert!(check(cut, &keys()).is_err());
    }
}

#[test]
fn algorithms_without_a_public_key_are_not_known() {
    for token in [HS256, NONE] {
        assert_eq!(check(token, &keys()).unwrap_err(), JwsError::Algorithm);
    }
    for name in ["none", "None", "HS256", "RS1", "RS512", "ES512", "dir", ""] {
        let token = with_header(RS256, &format!("{{\"alg\":\"{name}\"}}"));
        assert_eq!(
            check(&token, &keys()).unwrap_err(),
            JwsError::Algorithm,
            "{name}"
        );
    }
}

#[test]
fn a_key_is_used_for_its_own_kind_alone() {
    let of = |key: Value| read_key_set(&json!({"keys": [key]})).unwrap();
    assert_eq!(check(RS256, &of(ec())).unwrap_err(), JwsError::UnknownKey);
    assert_eq!(check(ES256, &of(rsa())).unwrap_err(), JwsError::UnknownKey);
    let mut for_another = rsa();
    for_another["alg"] = json!("PS256");
    assert_eq!(
        check(RS256, &of(for_another)).unwrap_err(),
        JwsError::UnknownKey
    );
    let mut for_encryption = rsa();
    for_encryption["use"] = json!("enc");
    assert!(of(for_encryption).is_empty());
    let as_ps256 = with_header(RS256, "{\"alg\":\"PS256\"}");
    assert_eq!(
        check(&as_ps256, &of(rsa())).unwrap_err(),
        JwsError::Signature
    );
}

#[test]
fn the_name_of_the_key_must_be_there() {
    let named = |id: &str| with_header(RS256, &format!("{{\"alg\":\"RS256\",\"kid\":\"{id}\"}}"));
    assert_eq!(
        check(&named("x"), &keys()).unwrap_err(),
        JwsError::UnknownKey
    );
    assert_eq!(
        check(&named("e"), &keys()).unwrap_err(),
        JwsError::UnknownKey
    );
    assert_eq!(
        check(&named("r"), &keys()).unwrap_err(),
        JwsError::Signature
    );
    assert_eq!(check(RS256, &[]).unwrap_err(), JwsError::UnknownKey);
}

#[test]
fn keys_and_extensions_of_the_token_itself_are_not_used() {
    let header = json!({"alg": "RS256", "crit": ["exp"], "exp": 1});
    let token = with_header(RS256, &header.to_string());
    assert_eq!(check(&token, &keys()).unwrap_err(), JwsError::Critical);
    let token = with_header(RS256, "{\"alg\":\"RS256\",\"b64\":false}");
    assert_eq!(check(&token, &keys()).unwrap_err(), JwsError::Critical);
    let header = json!({"alg": "RS256", "jwk": rsa(), "jku": "https://evil.example/keys"});
    let token = with_header(RS256, &header.to_string());
    assert_eq!(check(&token, &[]).unwrap_err(), JwsError::UnknownKey);
}

#[test]
fn malformed_tokens_are_refused() {
    let long = format!("{}.{}", "A".repeat(70_000), "B.C");
    for token in [
        "",
        ".",
        "..",
        "a",
        "a.b",
        "a.b.c",
        "a.b.c.d",
        &long,
        "eyJhbGciOiJSUzI1NiJ9.*.x",
        "eyJhbGciOiJSUzI1NiJ9..x=",
        "bnVsbA.e30.AA",
        "W10.e30.AA",
        "e30.e30.AA",
        "eyJhbGciOjF9.e30.AA",
        "eyJhbGciOiJSUzI1NiIsImtpZCI6MX0.e30.AA",
        "é.é.é",
    ] {
        assert_eq!(
            Jws::parse(token).err(),
            Some(JwsError::Malformed),
            "{token:.40}"
        );
    }
}

#[test]
fn malformed_keys_are_left_out() {
    for key in [
        json!({}),
        json!("x"),
        json!({"kty": "RSA"}),
        json!({"kty": "RSA", "n": "*", "e": "AQAB"}),
        json!({"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}),
        json!({"kty": "oct", "k": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "x": "AA"}),
        json!({"kty": 1}),
        json!({"kty": "RSA", "n": RSA_N, "e": "AQAB", "alg": "HS256"}),
    ] {
        assert!(
            read_key_set(&json!({"keys": [key]})).unwrap().is_empty(),
            "{key}"
        );
    }
    assert_eq!(read_key_set(&json!({"keys": 1})), None);
    assert_eq!(read_key_set(&json!([])), None);
    // A key that no signature can be checked with makes signatures wrong, and nothing worse.
    let broken = json!({"kty": "RSA", "n": "AA", "e": "AA"});
    let keys = read_key_set(&json!({"keys": [broken]})).unwrap();
    assert_eq!(check(RS256, &keys).unwrap_err(), JwsError::Signature);
}
