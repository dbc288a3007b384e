//! The texts of Tornado's tests, and what Tornado 6.6.1 makes of them; and what may not go wrong.

use proptest::prelude::*;

use super::*;

#[track_caller]
fn check(options: Linkify<'_>, text: &str, html: &str) {
    assert_eq!(options.apply(text), html, "{text}");
}

/// Texts and what becomes of them.
const CASES: &[(&str, &str)] = &[
    (
        "hello http://world.com/!",
        r#"hello <a href="http://world.com/">http://world.com/</a>!"#,
    ),
    (
        "hello http://world.com/with?param=true&stuff=yes",
        r#"hello <a href="http://world.com/with?param=true&amp;stuff=yes">http://world.com/with?param=true&amp;stuff=yes</a>"#,
    ),
    (
        "http://url.com/w(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        r#"<a href="http://url.com/w">http://url.com/w</a>(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"#,
    ),
    (
        "http://url.com/withmany.......................................",
        r#"<a href="http://url.com/withmany">http://url.com/withmany</a>......................................."#,
    ),
    (
        "http://url.com/withmany((((((((((((((((((((((((((((((((((a)",
        r#"<a href="http://url.com/withmany">http://url.com/withmany</a>((((((((((((((((((((((((((((((((((a)"#,
    ),
    (
        "http://foo.com/blah_blah",
        r#"<a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>"#,
    ),
    (
        "http://foo.com/blah_blah/",
        r#"<a href="http://foo.com/blah_blah/">http://foo.com/blah_blah/</a>"#,
    ),
    (
        "(Something like http://foo.com/blah_blah)",
        r#"(Something like <a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>)"#,
    ),
    (
        "http://foo.com/blah_blah_(wikipedia)",
        r#"<a href="http://foo.com/blah_blah_(wikipedia)">http://foo.com/blah_blah_(wikipedia)</a>"#,
    ),
    (
        "http://foo.com/blah_(blah)_(wikipedia)_blah",
        r#"<a href="http://foo.com/blah_(blah)_(wikipedia)_blah">http://foo.com/blah_(blah)_(wikipedia)_blah</a>"#,
    ),
    (
        "(Something like http://foo.com/blah_blah_(wikipedia))",
        r#"(Something like <a href="http://foo.com/blah_blah_(wikipedia)">http://foo.com/blah_blah_(wikipedia)</a>)"#,
    ),
    (
        "http://foo.com/blah_blah.",
        r#"<a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>."#,
    ),
    (
        "http://foo.com/blah_blah/.",
        r#"<a href="http://foo.com/blah_blah/">http://foo.com/blah_blah/</a>."#,
    ),
    (
        "<http://foo.com/blah_blah>",
        r#"&lt;<a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>&gt;"#,
    ),
    (
        "<http://foo.com/blah_blah/>",
        r#"&lt;<a href="http://foo.com/blah_blah/">http://foo.com/blah_blah/</a>&gt;"#,
    ),
    (
        "http://foo.com/blah_blah,",
        r#"<a href="http://foo.com/blah_blah">http://foo.com/blah_blah</a>,"#,
    ),
    (
        "http://www.example.com/wpstyle/?p=364.",
        r#"<a href="http://www.example.com/wpstyle/?p=364">http://www.example.com/wpstyle/?p=364</a>."#,
    ),
    (
        "http://userid:password@example.com:8080",
        r#"<a href="http://userid:password@example.com:8080">http://userid:password@example.com:8080</a>"#,
    ),
    (
        "http://userid@example.com",
        r#"<a href="http://userid@example.com">http://userid@example.com</a>"#,
    ),
    (
        "http://userid@example.com:8080",
        r#"<a href="http://userid@example.com:8080">http://userid@example.com:8080</a>"#,
    ),
    (
        "http://userid:password@example.com",
        r#"<a href="http://userid:password@example.com">http://userid:password@example.com</a>"#,
    ),
    (
        "http://➡.ws/䨹",
        r#"<a href="http://➡.ws/䨹">http://➡.ws/䨹</a>"#,
    ),
    (
        "<tag>http://example.com</tag>",
        r#"&lt;tag&gt;<a href="http://example.com">http://example.com</a>&lt;/tag&gt;"#,
    ),
    (
        "Just a www.example.com link.",
        r#"Just a <a href="http://www.example.com">www.example.com</a> link."#,
    ),
    (
        "A file:///passwords.txt and http://web.com link",
        r#"A file:///passwords.txt and <a href="http://web.com">http://web.com</a> link"#,
    ),
];

#[test]
fn urls_become_links() {
    for (text, html) in CASES {
        check(Linkify::new(), text, html);
    }
}

#[test]
fn options_are_followed() {
    check(
        Linkify::new().permitted_protocols(&["http", "rdar"]),
        "rdar://1234",
        r#"<a href="rdar://1234">rdar://1234</a>"#,
    );
    check(
        Linkify::new().permitted_protocols(&["rdar"]),
        "rdar:/1234",
        r#"<a href="rdar:/1234">rdar:/1234</a>"#,
    );
    check(
        Linkify::new().permitted_protocols(&["http", "message"]),
        "message://%3c330e7f8409726r6a4ba78dkf1fd71420c1bf6ff@mail.gmail.com%3e",
        r#"<a href="message://%3c330e7f8409726r6a4ba78dkf1fd71420c1bf6ff@mail.gmail.com%3e">message://%3c330e7f8409726r6a4ba78dkf1fd71420c1bf6ff@mail.gmail.com%3e</a>"#,
    );
    check(
        Linkify::new().require_protocol(true),
        "Just a www.example.com link.",
        "Just a www.example.com link.",
    );
    check(
        Linkify::new().require_protocol(true).shorten(true),
        "A http://reallylong.com/link/that/exceedsthelenglimit.html",
        r#"A <a href="http://reallylong.com/link/that/exceedsthelenglimit.html" title="http://reallylong.com/link/that/exceedsthelenglimit.html">http://reallylong.com/link...</a>"#,
    );
    check(
        Linkify::new().shorten(true),
        "A http://reallylongdomainnamethatwillbetoolong.com/hi!",
        r#"A <a href="http://reallylongdomainnamethatwillbetoolong.com/hi" title="http://reallylongdomainnamethatwillbetoolong.com/hi">http://reallylongdomainnametha...</a>!"#,
    );
    check(
        Linkify::new().permitted_protocols(&["file"]),
        "A file:///passwords.txt and http://web.com link",
        r#"A <a href="file:///passwords.txt">file:///passwords.txt</a> and http://web.com link"#,
    );
    check(
        Linkify::new().extra_params(r#"rel="nofollow" class="external""#),
        "www.external-link.com",
        r#"<a href="http://www.external-link.com" rel="nofollow" class="external">www.external-link.com</a>"#,
    );
    check(
        Linkify::new().extra_params_with(|address| {
            if address.starts_with("http://www.internal") {
                r#"class="internal""#.to_owned()
            } else {
                r#"rel="nofollow" class="external""#.to_owned()
            }
        }),
        "www.external-link.com and www.internal-link.com/blogs extra",
        r#"<a href="http://www.external-link.com" rel="nofollow" class="external">www.external-link.com</a> and <a href="http://www.internal-link.com/blogs" class="internal">www.internal-link.com/blogs</a> extra"#,
    );
    check(
        Linkify::new().extra_params_with(|_| r#"    rel="nofollow" class="external"  "#.to_owned()),
        "www.external-link.com",
        r#"<a href="http://www.external-link.com" rel="nofollow" class="external">www.external-link.com</a>"#,
    );
}

/// Cases that a comparison with Tornado on random texts has found.
#[test]
fn references_are_not_cut_in_two() {
    check(Linkify::new(), r#"www.""#, "www.&quot;");
    check(
        Linkify::new(),
        r#""http://a.com/?x&""#,
        r#"&quot;<a href="http://a.com/?x">http://a.com/?x</a>&amp;&quot;"#,
    );
    check(
        Linkify::new(),
        "http://a.com/&&b",
        r#"<a href="http://a.com/&amp;&amp;b">http://a.com/&amp;&amp;b</a>"#,
    );
}

#[test]
fn many_false_beginnings_cost_little() {
    for text in [
        "a-", "a:/", "www.", "a://(", "(", "a://!", "&quot;", "www.(", "é-",
    ] {
        let long = text.repeat(200_000);
        assert!(linkify(&long).len() >= long.len());
    }
}

proptest! {
    /// What is shown is the text, whatever it is: links add markup and nothing else.
    #[test]
    fn the_text_without_markup_is_the_text(text in r#"([a-z0-9:/.()&<>"'! é-]|www\.|http://){0,60}"#) {
        let html = linkify(&text);
        let mut shown = String::new();
        let mut inside = false;
        for c in html.chars() {
            match c {
                '<' => inside = true,
                '>' => inside = false,
                c if !inside => shown.push(c),
                _ => {}
            }
        }
        prop_assert_eq!(super::super::xhtml_unescape(&shown), text);
    }

    #[test]
    fn shortened_links_are_no_longer(text in "http://[a-z.]{1,40}/[a-z&?./é]{0,60}") {
        let long = linkify(&text);
        let short = Linkify::new().shorten(true).apply(&text);
        let shown = |html: &str| html.split(['<', '>']).nth(2).map(|text| text.chars().count());
        prop_assert!(shown(&short) <= shown(&long));
    }
}
