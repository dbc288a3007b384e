//! Catalogues of translations: whatever a file holds, it is a catalogue or an error, and what is read of it
//! is no more than there is in it.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout::locale::{Locales, fill};

fuzz_target!(|input: &[u8]| {
    let Some((first, file)) = input.split_first() else {
        return;
    };
    let locales = match first % 2 {
        0 => Locales::new().with_mo("es", file),
        _ => Locales::new().with_csv("es", file),
    };
    let Ok(locales) = locales else {
        return;
    };
    let locale = locales.closest(["es-MX"]);
    for count in [0, 1, 2, 5, 11, u64::MAX] {
        let text = locale.translate_plural("%(count)d day", "%(count)d days", count);
        assert!(text.len() <= file.len().max("%(count)d days".len()));
        let filled = fill(text, &[("count", "1")]);
        assert!(filled.len() <= text.len());
    }
    assert!(locale.npgettext("law", "right", "rights", 2).len() <= file.len().max(6));
});
