//! The `Cookie` field: names are tokens and come once, and what a field has does not depend on what is malformed beside it.

#![no_main]

use std::collections::HashSet;

use libfuzzer_sys::fuzz_target;
use waterspout::parse_cookie;

fuzz_target!(|input: &[u8]| {
    let cookies = parse_cookie(input);
    let names: HashSet<&str> = cookies.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names.len(), cookies.len());
    assert!(
        !names
            .iter()
            .any(|name| name.is_empty() || name.contains([';', '=', ' ', '"']))
    );
    // A character of Latin-1 takes two octets at the most.
    assert!(cookies.iter().map(|(_, value)| value.len()).sum::<usize>() <= 2 * input.len());
    let beside = [b"=x; /=y; ;", input, b"; no value; b c=z"].concat();
    assert_eq!(parse_cookie(beside), cookies);
    let last = [input, b"; n=v"].concat();
    assert!(parse_cookie(last).contains(&("n".to_owned(), "v".to_owned())));
});
