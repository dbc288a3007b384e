//! Cookies that cannot be changed, against what clients try with them.

use std::time::{Duration, SystemTime};

use waterspout::{Application, Context, CookieOptions, CookieSecret, SignatureVersion};
use waterspout::{Result, SignedCookieRules};

use super::support::{Text, say, with_server};

const SECRET: &str = "a secret of the tests";

async fn set(cx: &mut Context) -> Result {
    let value = cx.argument("value")?;
    cx.set_signed_cookie("user", &value)
}

async fn user(cx: &mut Context) -> Text {
    Ok(format!("{:?}", cx.signed_cookie("user")?))
}

async fn octets(cx: &mut Context) -> Text {
    let rules = SignedCookieRules::new();
    Ok(format!("{:?}", cx.signed_cookie_with("user", &rules)?))
}

fn app() -> Application {
    Application::new(())
        .cookie_secret(SECRET)
        .get("/set", set)
        .get("/user", user)
        .get("/octets", octets)
        .get("/host", async |cx: &mut Context| {
            let options = CookieOptions::for_host();
            cx.set_signed_cookie_with("__Host-user", [0, 255], &options)
        })
        .get("/version", async |cx: &mut Context| {
            format!("{:?}", cx.signed_cookie_key_version("user"))
        })
}

fn cookie(value: &str) -> String {
    format!("Cookie: user=\"{value}\"\r\n")
}

fn signed_at(seconds_from_now: i64) -> String {
    let distance = Duration::from_secs(seconds_from_now.unsigned_abs());
    let time = match seconds_from_now < 0 {
        true => SystemTime::now() - distance,
        false => SystemTime::now() + distance,
    };
    CookieSecret::new(SECRET).create_signed_value("user", "alice", time)
}

#[test]
fn what_was_set_comes_back_as_text_and_as_octets() {
    with_server(app(), async |client| {
        let response = client.get("/set?value=%C3%A9t%C3%A9").await;
        let field = response.field("set-cookie").to_owned();
        let (value, attributes) = field.split_once("; ").unwrap();
        assert!(value.starts_with("user=\"2|1:0|10:"), "{field}");
        assert!(
            attributes.starts_with("expires=")
                && attributes.ends_with(" GMT; HttpOnly; Path=/; SameSite=Lax"),
            "{field}"
        );
        let fields = format!("Cookie: {value}\r\n");
        let response = client.request("GET", "/user", &fields).await;
        assert_eq!(response.body(), r#"Some("été")"#);
        let response = client.request("GET", "/version", &fields).await;
        assert_eq!(response.body(), "Some(0)");
        let response = client.get("/host").await;
        let field = response.field("set-cookie");
        assert!(
            field.starts_with("__Host-user=\"2|") && field.ends_with("; Secure"),
            "{field}"
        );
    });
}

#[test]
fn a_value_that_is_no_text_is_read_as_octets_only() {
    let signed = CookieSecret::new(SECRET).create_signed_value("user", [0, 255], SystemTime::now());
    with_server(app(), async |client| {
        let fields = cookie(&signed);
        assert_eq!(
            client.request("GET", "/octets", &fields).await.body(),
            "Some([0, 255])"
        );
        assert_eq!(client.request("GET", "/user", &fields).await.body(), "None");
    });
}

#[test]
fn cookies_that_somebody_made_up_count_for_nothing() {
    const DAY: i64 = 86_400;
    let good = signed_at(0);
    let foreign =
        CookieSecret::new("another").create_signed_value("user", "alice", SystemTime::now());
    let old_form = CookieSecret::new(SECRET).write_version(SignatureVersion::V1);
    let old_form = old_form.create_signed_value("user", "alice", SystemTime::now());
    let tampered = [
        good.replacen("|4:user", "|4:root", 1),
        good.replacen("YWxpY2U", "YWxpY2V", 1),
        good[..good.len() - 1].to_owned(),
        format!("{good}0"),
        good.to_uppercase(),
        foreign,
        old_form,
        signed_at(-32 * DAY),
        signed_at(DAY),
        signed_at(40 * DAY),
        "x".repeat(50_000),
        "2|".to_owned() + &"9:".repeat(20_000),
        "\u{e9}|\u{e9}|\u{e9}".to_owned(),
        String::new(),
    ];
    with_server(app(), async |client| {
        let response = client.request("GET", "/user", &cookie(&good)).await;
        assert_eq!(response.body(), r#"Some("alice")"#);
        for value in tampered {
            let response = client.request("GET", "/user", &cookie(&value)).await;
            let shown: String = value.chars().take(80).collect();
            assert_eq!(
                (response.status(), response.body()),
                (200, "None"),
                "{shown}"
            );
        }
        // Beyond what a head may have, the connection refuses it.
        let huge = cookie(&"x".repeat(70_000));
        assert_eq!(client.request("GET", "/user", &huge).await.status(), 431);
    });
}

#[test]
fn without_a_secret_the_error_names_the_setting_in_the_log_only() {
    let app = Application::new(())
        .get("/user", user)
        .get("/ok", say("ok"));
    with_server(app, async |client| {
        let response = client.get("/user").await;
        assert_eq!(response.status(), 500);
        assert!(
            !response.body().contains("cookie_secret"),
            "{}",
            response.body()
        );
    });
}
