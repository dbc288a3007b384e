//! From what an author writes to what readers get.

use pulldown_cmark::{Event, Options, Parser, Tag, html};

/// Makes HTML of Markdown. HTML in it is shown as text, and links that would run scripts lead nowhere.
pub(crate) fn to_html(markdown: &str) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH;
    let events = Parser::new_ext(markdown, options).map(|event| match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(mut tag) => {
            if let Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } = &mut tag
                && !is_harmless(dest_url)
            {
                *dest_url = "".into();
            }
            Event::Start(tag)
        }
        other => other,
    });
    let mut page = String::with_capacity(markdown.len() * 3 / 2);
    html::push_html(&mut page, events);
    page
}

/// Takes addresses with a scheme that fetches, and those without one.
fn is_harmless(url: &str) -> bool {
    let end = url.find([':', '/', '?', '#']).unwrap_or(url.len());
    let (scheme, rest) = url.split_at(end);
    let known = ["http", "https", "mailto"];
    !rest.starts_with(':') || known.iter().any(|known| scheme.eq_ignore_ascii_case(known))
}

/// Makes the last part of an entry's address of its title: letters and digits, joined by hyphens.
pub(crate) fn slug(title: &str) -> String {
    let mut slug = String::new();
    for letter in title.to_lowercase().chars().take(100) {
        if letter.is_alphanumeric() {
            slug.push(letter);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    let slug = slug.trim_end_matches('-');
    if slug.is_empty() {
        "entry".to_owned()
    } else {
        slug.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_becomes_html_and_html_stays_text() {
        assert_eq!(to_html("*Hello*"), "<p><em>Hello</em></p>\n");
        let page = to_html("a <script>alert(1)</script>\n\n<div onclick=x>b</div>");
        assert!(
            !page.contains("<script") && !page.contains("<div"),
            "{page}"
        );
    }

    #[test]
    fn links_run_no_scripts() {
        for (url, is_kept) in [
            ("https://example.com/a:b", true),
            ("/entry/one", true),
            ("entry:one", false),
            ("JavaScript:alert(1)", false),
            ("data:text/html,x", false),
            ("mailto:ann@example.com", true),
        ] {
            let page = to_html(&format!("[text]({url}) ![image]({url})"));
            assert_eq!(page.contains(&format!("href=\"{url}\"")), is_kept, "{page}");
            assert_eq!(page.contains(&format!("src=\"{url}\"")), is_kept, "{page}");
        }
    }

    #[test]
    fn a_slug_has_letters_digits_and_hyphens() {
        assert_eq!(slug("  Hello, World! "), "hello-world");
        assert_eq!(slug("Grüße 2026"), "grüße-2026");
        assert_eq!(slug("../?#"), "entry");
    }
}
