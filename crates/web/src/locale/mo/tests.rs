use proptest::prelude::*;

use super::*;

const HEADER: &str =
    "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=2; plural=n>1;\n";

/// Writes a catalogue as msgfmt does.
fn compile(entries: &[(&str, &str)], is_big: bool) -> Vec<u8> {
    let number = |number: usize| {
        let number = u32::try_from(number).unwrap();
        if is_big {
            number.to_be_bytes()
        } else {
            number.to_le_bytes()
        }
    };
    let count = entries.len();
    let mut texts = Vec::new();
    let mut tables = [Vec::new(), Vec::new()];
    let first = HEAD + count * 16;
    for (number_of, table) in tables.iter_mut().enumerate() {
        for entry in entries {
            let text = if number_of == 0 { entry.0 } else { entry.1 };
            table.extend(number(text.len()));
            table.extend(number(first + texts.len()));
            texts.extend(text.as_bytes());
            texts.push(0);
        }
    }
    let magic = usize::try_from(MAGIC).unwrap();
    let head = [magic, 0, count, HEAD, HEAD + count * 8];
    let mut file: Vec<u8> = head.into_iter().flat_map(number).collect();
    file.extend(tables.concat());
    file.extend(texts);
    file
}

fn sample(is_big: bool) -> Vec<u8> {
    let entries = [
        ("", HEADER),
        ("school", "école"),
        ("law\u{4}right", "le droit"),
        ("club\0clubs", "le club\0les clubs"),
    ];
    compile(&entries, is_big)
}

#[test]
fn catalogues_of_both_byte_orders_are_read() {
    for is_big in [false, true] {
        let messages = parse(&sample(is_big)).unwrap();
        assert_eq!(messages.forms["school"], ["école"]);
        assert_eq!(messages.forms["law\u{4}right"], ["le droit"]);
        assert_eq!(messages.forms["club"], ["le club", "les clubs"]);
        assert_eq!(messages.forms.len(), 3);
        assert_eq!(messages.rule.form(0), Some(0));
        assert_eq!(messages.rule.form(2), Some(1));
    }
}

#[test]
fn catalogues_without_a_rule_have_that_of_english() {
    let messages = parse(&compile(&[("a", "b")], false)).unwrap();
    assert_eq!(messages.rule, PluralRule::germanic());
}

#[test]
fn every_truncated_file_is_an_error() {
    let file = sample(false);
    for length in 0..file.len() - 1 {
        assert!(parse(&file[..length]).is_err(), "{length}");
    }
}

#[test]
fn wrong_files_say_what_is_wrong() {
    assert_eq!(parse(b"not a catalogue"), Err(MoError::Magic));
    let mut newer = sample(false);
    newer[6] = 2;
    assert_eq!(parse(&newer), Err(MoError::Revision(0x2_0000)));
    let charset = compile(&[("", "Content-Type: text/plain; charset=KOI8-R\n")], false);
    assert_eq!(parse(&charset), Err(MoError::Charset("KOI8-R".to_owned())));
    let plural = compile(&[("", "Plural-Forms: nplurals=2; plural=m\n")], false);
    assert!(matches!(parse(&plural), Err(MoError::Plural(_))));
}

/// Many entries that all point to one large text would take gigabytes.
#[test]
fn texts_that_lie_over_each_other_are_refused() {
    let mut file = compile(&vec![("", ""); 1000], false);
    let large = vec![b'x'; 100_000];
    let start = u32::try_from(file.len()).unwrap();
    for entry in 0..2000 {
        let at = HEAD + entry * 8;
        file[at..at + 4].copy_from_slice(&100_000_u32.to_le_bytes());
        file[at + 4..at + 8].copy_from_slice(&start.to_le_bytes());
    }
    file.extend(large);
    assert_eq!(parse(&file), Err(MoError::Overlapping));
}

proptest! {
    #[test]
    fn any_bytes_are_a_catalogue_or_an_error(bytes: Vec<u8>) {
        _ = parse(&bytes);
    }

    #[test]
    fn a_changed_file_is_a_catalogue_or_an_error(at in 0_usize..200, to: u8, is_big: bool) {
        let mut file = sample(is_big);
        let at = at % file.len();
        file[at] = to;
        _ = parse(&file);
    }
}
