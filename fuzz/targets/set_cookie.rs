//! `Set-Cookie` into a jar and `Cookie` out of it: nothing panics, and what comes out can be sent.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout_http::Headers;
use waterspout_http::client::CookieJar;

fuzz_target!(|octets: &[u8]| {
    let jar = CookieJar::new();
    for line in octets.split(|octet| *octet == b'\n').take(100) {
        jar.set("https://www.example.com/a/b", line)
            .expect("the URL is one");
    }
    assert!(jar.len() <= 50 * 3);
    for url in [
        "https://www.example.com/a/b/c",
        "http://example.com/",
        "https://a.www.example.com/a",
    ] {
        let Some(cookie) = jar.header(url).expect("the URL is one") else {
            continue;
        };
        Headers::new()
            .append("Cookie", cookie)
            .expect("it is a value of a field");
    }
});
