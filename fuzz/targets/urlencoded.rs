//! Forms and queries: what is read, written plainly and read again, is the same.

#![no_main]

use libfuzzer_sys::fuzz_target;
use waterspout::Arguments;

/// Every octet in its escaped form.
fn escape(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("%{octet:02x}")).collect()
}

fuzz_target!(|input: &[u8]| {
    let Ok(arguments) = Arguments::parse(input) else {
        assert!(input.iter().filter(|octet| **octet == b'&').count() >= 1000);
        return;
    };
    let size = |(name, value): (&str, &[u8])| name.len() + value.len();
    // A name that is not UTF-8 is read with a character of three octets for each that is none.
    assert!(arguments.iter().map(size).sum::<usize>() <= 3 * input.len());
    let written: Vec<String> = arguments
        .iter()
        .map(|(name, value)| format!("{}={}", escape(name.as_bytes()), escape(value)))
        .collect();
    let again = Arguments::parse(written.join("&").as_bytes());
    assert_eq!(again.ok().as_ref(), Some(&arguments));
    for (name, _) in arguments.iter() {
        let all = arguments.all(name);
        if let Ok(all) = all {
            assert_eq!(arguments.last(name).ok().flatten(), all.last().cloned());
        }
    }
});
