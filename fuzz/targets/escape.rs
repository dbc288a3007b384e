//! Escaping: what is escaped comes back, and no text becomes markup.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout::escape::{
    Linkify, squeeze, url_escape, url_unescape, url_unescape_bytes, xhtml_escape, xhtml_unescape,
};

fuzz_target!(|text: &str| {
    assert_eq!(xhtml_unescape(&xhtml_escape(text)), text);
    assert_eq!(url_unescape(&url_escape(text)), text);
    assert!(url_unescape_bytes(text).len() <= text.len());
    let _ = xhtml_unescape(text);
    let squeezed = squeeze(text);
    assert_eq!(squeeze(&squeezed), squeezed);
    for shorten in [false, true] {
        let html = Linkify::new().shorten(shorten).apply(text);
        // Only our own tags have angle brackets.
        let tags = html.matches("<a href=\"http").count();
        assert_eq!(html.matches('<').count(), tags * 2, "{html}");
        assert_eq!(html.matches('>').count(), tags * 2, "{html}");
    }
});
