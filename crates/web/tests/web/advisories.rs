//! What other servers have had to publish an advisory about, where no other file tests it.

use std::time::Duration;

use nix::time::{ClockId, clock_gettime};
use waterspout::testing::expect_log;
use waterspout::{Application, Context, CookieOptions, Error, Html, HttpError, Result, StatusCode};

use super::support::{Client, with_server};

const HOSTILE: [&str; 9] = [
    "a\r\nX-Injected: y",
    "a\nX-Injected: y",
    "a\rX-Injected: y",
    "a\r\n\r\n<script>",
    "a\0b",
    "a\u{1}b",
    "a\u{7f}b",
    "a\u{85}b\r\nX-Injected: y",
    "\r\n",
];

/// Tries one door after the other; each must be an error of the handler.
async fn doors(cx: &mut Context) -> Result<String> {
    for text in HOSTILE {
        assert!(cx.set_header("X-Value", text).is_err(), "{text:?}");
        assert!(cx.add_header("X-Value", text).is_err(), "{text:?}");
        assert!(cx.set_header(text, "value").is_err(), "{text:?}");
        assert!(cx.set_header("Content-Type", text).is_err(), "{text:?}");
        assert!(cx.set_reason(text).is_err(), "{text:?}");
        assert!(cx.redirect(text).is_err(), "{text:?}");
        assert!(cx.set_cookie(text, "value").is_err(), "{text:?}");
        for options in [
            CookieOptions::new().path(text),
            CookieOptions::new().domain(text),
        ] {
            let set = cx.set_cookie_with("name", "value", &options);
            assert!(set.is_err(), "{text:?}");
        }
    }
    Ok("nothing came through".to_owned())
}

/// CVE-2012-2374, CVE-2026-35536, RUSTSEC-2017-0002 (CVE-2017-18587), RUSTSEC-2024-0009: line ends and
/// controls in what goes out.
#[test]
fn no_door_lets_a_line_end_into_the_head() {
    let app = Application::new(())
        .get("/doors", doors)
        .get("/cookie", async |cx: &mut Context| -> Result {
            // A value may be any text: it is quoted.
            for (number, text) in HOSTILE.iter().enumerate() {
                let _refused = cx.set_cookie(&format!("c{number}"), text);
            }
            cx.write("ok")
        })
        .get("/unhandled", async |cx: &mut Context| -> Result {
            cx.set_header("X-Value", "a\r\nX-Injected: y")
        });
    with_server(app, async |client| {
        let response = client.get("/doors").await;
        assert_eq!(response.body(), "nothing came through");
        for (path, status) in [("/cookie", 200), ("/unhandled", 500)] {
            let response = client.get(path).await;
            assert_eq!(response.status(), status);
            assert!(response.fields("x-injected").is_empty());
            for cookie in response.fields("set-cookie") {
                assert!(!cookie.contains("X-Injected: y\r"), "{cookie}");
            }
        }
    });
}

/// CVE-2025-67724: a reason went out as it was, into the status line and into the page; the doors above
/// have that of `set_reason`.
#[test]
fn a_message_of_an_error_is_escaped_and_never_in_the_status_line() {
    const MESSAGE: &str = "<script>alert(1)</script>\r\nX-Injected: y";
    let app = Application::new(())
        .get(
            "/message",
            async |_: &mut Context| -> Result<Html<String>> {
                Err(HttpError::bad_request(MESSAGE).into())
            },
        )
        .get("/own", async |_: &mut Context| -> Result<Html<String>> {
            Err(Error::new(StatusCode::IM_A_TEAPOT, MESSAGE))
        });
    with_server(app, async |client| {
        for (path, line) in [
            ("/message", "HTTP/1.1 400 Bad Request\r\n"),
            ("/own", "HTTP/1.1 418 I'm a teapot\r\n"),
        ] {
            let answer = client
                .exchange(format!(
                    "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
                ))
                .await;
            assert!(answer.starts_with(line), "{answer}");
            let (head, page) = answer.split_once("\r\n\r\n").unwrap();
            assert!(!head.contains("X-Injected"), "{head}");
            assert!(page.contains("&lt;script&gt;") && !page.contains("<script>"));
        }
    });
}

fn form() -> Application {
    Application::new(()).post("/form", async |cx: &mut Context| -> Result<String> {
        let fields = cx.body_pairs()?.iter().count();
        Ok(format!("{fields} {}", cx.files()?.len()))
    })
}

const KIND: &str = "multipart/form-data; boundary=x";

/// CVE-2025-47287, CVE-2025-69230: a line of the log for each malformed part or cookie.
#[test]
fn a_form_of_malformed_parts_is_one_line_in_the_log() {
    with_server(form(), async |client| {
        let log = expect_log("waterspout::general", "").optional();
        let parts = "--x\r\nno colon\r\n\r\nvalue\r\n".repeat(90) + "--x--\r\n";
        assert_eq!(client.post("/form", KIND, &parts).await.status(), 400);
        assert_eq!(log.lines().len(), 1, "{:?}", log.lines());
        let cookies = format!("Cookie: {}\r\n", "[bad]=;".repeat(5000));
        client.request("GET", "/form", &cookies).await;
        assert_eq!(log.lines().len(), 1, "{:?}", log.lines());
    });
}

/// What one request with this body costs: time of this thread on a processor, which other work of the
/// machine does not lengthen.
async fn seconds(client: Client, kind: &str, body: &str) -> f64 {
    let used = || Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).unwrap());
    let start = used();
    let response = client.post("/form", kind, body).await;
    assert!(matches!(response.status(), 200 | 400));
    (used() - start).as_secs_f64()
}

/// CVE-2025-67726, CVE-2025-67725, CVE-2025-69228 and Tornado 6.6.1: work that grows with the square of
/// what a client sends. A body of 2 MiB in its worst form takes a part of a second; with the square of
/// it, it would be hours.
#[test]
fn hostile_forms_take_time_linear_in_their_length() {
    with_server(form(), async |client| {
        let head = "Content-Disposition: form-data; name=a";
        let part = |head: &str, body: &str| format!("--x\r\n{head}\r\n\r\n{body}\r\n--x--\r\n");
        let near_boundaries = "\r\n--\r\n-\r\n--y".repeat(170_000);
        let urlencoded = "application/x-www-form-urlencoded";
        for (kind, body) in [
            (KIND, part(head, &near_boundaries)),
            (KIND, part(&format!("{head}{}", "; a=".repeat(2500)), "")),
            (
                KIND,
                part(&format!("{head}; filename=\"{}", "\\\"".repeat(5000)), ""),
            ),
            (
                KIND,
                part(
                    &format!("{head}; filename*=utf-8''{}", "%C3%A9".repeat(1600)),
                    "",
                ),
            ),
            (KIND, part(&"A: b\r\n".repeat(1700), "")),
            (KIND, "-".repeat(2_000_000)),
            (urlencoded, "%41".repeat(700_000)),
            (urlencoded, "%".repeat(2_000_000)),
            (urlencoded, "&".repeat(2_000_000)),
            (urlencoded, "a&".repeat(1_000_000)),
            (urlencoded, "+=".repeat(1_000_000)),
        ] {
            let taken = seconds(client, kind, &body).await;
            let shown: String = body.chars().take(80).collect();
            assert!(taken < 10.0, "{taken} s for {shown:?}");
        }
    });
}
