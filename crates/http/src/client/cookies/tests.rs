use std::time::{Duration, SystemTime};

use super::CookieJar;
use super::store::{MAX_OF_ALL, MAX_OF_DOMAIN};
use crate::client::url::Url;

fn give(jar: &CookieJar, url: &str) -> String {
    let given = jar.header(url).unwrap().unwrap_or_default();
    String::from_utf8(given).unwrap()
}

/// What `to` is sent after `from` has set these.
fn sent(from: &str, cookies: &[&str], to: &str) -> String {
    let jar = CookieJar::new();
    for cookie in cookies {
        jar.set(from, cookie).unwrap();
    }
    give(&jar, to)
}

#[test]
fn cookies_go_to_the_host_that_set_them_unless_they_name_a_domain() {
    let www = "http://www.example.com/";
    assert_eq!(sent(www, &["a=b"], www), "a=b");
    assert_eq!(sent(www, &["a=b"], "http://example.com/"), "");
    assert_eq!(sent(www, &["a=b"], "http://a.www.example.com/"), "");
    let domain = &["a=b; Domain=.example.com"];
    assert_eq!(sent(www, domain, "http://example.com/"), "a=b");
    assert_eq!(sent(www, domain, "http://a.example.com:81/"), "a=b");
    assert_eq!(sent(www, domain, "http://badexample.com/"), "");
}

#[test]
fn no_host_sets_cookies_for_another_or_for_a_top_level_domain() {
    for domain in [
        "other.com",
        "com",
        "a.www.example.com",
        ".com",
        "www.example.com.",
    ] {
        let cookie = format!("a=b; Domain={domain}");
        let jar = CookieJar::new();
        jar.set("http://www.example.com/", cookie).unwrap();
        assert!(jar.is_empty(), "{domain}");
    }
    let address = "http://127.0.0.1/";
    assert_eq!(sent(address, &["a=b; Domain=0.0.1"], address), "");
    assert_eq!(sent(address, &["a=b; Domain=127.0.0.1"], address), "a=b");
    assert_eq!(
        sent(
            "http://localhost/",
            &["a=b; Domain=localhost"],
            "http://localhost/"
        ),
        "a=b"
    );
}

#[test]
fn a_public_suffix_may_keep_a_cookie_for_itself() {
    let jar = CookieJar::new().public_suffixes(|domain| domain == "github.io");
    jar.set("http://me.github.io/", "a=b; Domain=github.io")
        .unwrap();
    assert!(jar.is_empty());
    jar.set("http://github.io/", "a=b; Domain=github.io")
        .unwrap();
    assert_eq!(give(&jar, "http://github.io/"), "a=b");
    assert_eq!(give(&jar, "http://me.github.io/"), "");
}

#[test]
fn longer_paths_come_first_then_older_cookies() {
    let set = [
        "a=1",
        "b=2; Path=/x",
        "c=3; Path=/",
        "a=4; Path=/x/y",
        "b=5; Path=/x",
    ];
    assert_eq!(
        sent("http://h/x/y", &set, "http://h/x/y/z?q"),
        "a=4; a=1; b=5; c=3"
    );
    assert_eq!(sent("http://h/x/y", &set, "http://h/xy"), "c=3");
}

#[test]
fn secure_cookies_come_from_https_and_go_there_only() {
    let (http, https) = ("http://h.test/", "https://h.test/");
    assert_eq!(sent(https, &["a=b; Secure"], https), "a=b");
    assert_eq!(sent(https, &["a=b; Secure"], http), "");
    assert_eq!(sent(http, &["a=b; Secure"], https), "");
    assert_eq!(sent(https, &["a=b; SameSite=None"], https), "");
    assert_eq!(sent(https, &["a=b; SameSite=None; Secure"], https), "a=b");
}

#[test]
fn plain_http_cannot_hide_a_secure_cookie() {
    let jar = CookieJar::new();
    jar.set("https://www.h.test/login", "id=good; Secure; Path=/login")
        .unwrap();
    jar.set(
        "http://www.h.test/",
        "id=evil; Path=/login/x; Domain=h.test",
    )
    .unwrap();
    jar.set("http://www.h.test/", "id=evil; Path=/login")
        .unwrap();
    assert_eq!(give(&jar, "https://www.h.test/login/x"), "id=good");
    jar.set("http://www.h.test/", "id=other; Path=/").unwrap();
    assert_eq!(jar.len(), 2);
}

#[test]
fn prefixes_keep_what_they_promise() {
    let https = "https://h.test/";
    let kept = |cookie: &str| !sent(https, &[cookie], https).is_empty();
    assert!(kept("__Secure-a=b; Secure"));
    assert!(!kept("__Secure-a=b"));
    assert!(!kept("__secure-a=b"));
    assert!(kept("__Host-a=b; Secure; Path=/"));
    for cookie in [
        "__Host-a=b; Secure",
        "__Host-a=b; Path=/",
        "__Host-a=b; Secure; Path=/x",
        "__HOST-a=b; Secure; Path=/; Domain=h.test",
        "=__Host-a=b; Secure; Path=/",
        "__Secure-a",
    ] {
        assert!(!kept(cookie), "{cookie}");
    }
}

#[test]
fn cookies_end_when_they_said_and_when_a_server_removes_them() {
    let (jar, url) = (CookieJar::new(), Url::parse("http://h/").unwrap());
    let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000);
    jar.take(&url, b"a=b; Max-Age=10", now);
    jar.take(&url, b"c=d", now);
    assert_eq!(
        jar.give(&url, now + Duration::from_secs(9)).unwrap(),
        b"a=b; c=d"
    );
    assert_eq!(
        jar.give(&url, now + Duration::from_secs(10)).unwrap(),
        b"c=d"
    );
    jar.take(&url, b"c=; Expires=Thu, 01 Jan 1970 00:00:00 GMT", now);
    assert_eq!(jar.give(&url, now), Some(b"a=b".to_vec()));
    assert_eq!(jar.len(), 1);
    jar.take(&url, b"a=; Max-Age=0", now);
    assert!(jar.is_empty());
}

#[test]
fn a_jar_is_bounded_and_forgets_what_was_used_least_recently() {
    let jar = CookieJar::new();
    for number in 0..MAX_OF_DOMAIN {
        jar.set("http://h/", format!("n{number}=v; Path=/{number}"))
            .unwrap();
    }
    assert_eq!(give(&jar, "http://h/0"), "n0=v");
    jar.set("http://h/", "another=v").unwrap();
    // The one that was sent stays; the first of the others goes.
    assert_eq!(give(&jar, "http://h/0"), "n0=v; another=v");
    assert_eq!(give(&jar, "http://h/1"), "another=v");
    assert_eq!(jar.len(), MAX_OF_DOMAIN);
    for number in 0..MAX_OF_ALL {
        jar.set(&format!("http://h{number}/"), "a=b").unwrap();
    }
    assert_eq!(jar.len(), MAX_OF_ALL);
    assert_eq!(give(&jar, &format!("http://h{}/", MAX_OF_ALL - 1)), "a=b");
    jar.clear();
    assert!(jar.is_empty());
}

#[test]
fn a_cookie_cannot_add_a_field_to_a_request() {
    let jar = CookieJar::new();
    jar.set("http://h/", b"a=b\r\nX: y".as_slice()).unwrap();
    jar.set("http://h/", b"a=b\0".as_slice()).unwrap();
    assert!(jar.is_empty());
}
