//! What one language has translations of.

use std::collections::HashMap;

use super::csv::{OpenQuote, Rows};
use super::error::LocaleError;
use super::mo::{self, Messages};

/// Stands between context and text in gettext's catalogues.
const CONTEXT_SEPARATOR: char = '\u{4}';

/// The largest file that is read: 16 MiB.
pub(super) const MAX_FILE_SIZE: usize = 16 << 20;

/// The translations of a language.
#[derive(Debug, Default)]
pub(super) enum Catalogue {
    /// Every text is its own translation.
    #[default]
    None,
    Csv(Table),
    Gettext(Messages),
}

/// Translations of a CSV file, by the third column.
#[derive(Debug, Default)]
pub(super) struct Table {
    unknown: HashMap<String, String>,
    singular: HashMap<String, String>,
    plural: HashMap<String, String>,
}

impl Catalogue {
    /// Reads a CSV file: UTF-8, or UTF-16 with a byte order mark.
    pub(super) fn from_csv(file: &[u8]) -> Result<Self, LocaleError> {
        check_size(file)?;
        let text = decode(file)?;
        let mut table = Table::default();
        for row in Rows::new(&text) {
            let (line, row) = row.map_err(|OpenQuote { line }| {
                LocaleError::new(format!("line {line}: a quote is not closed"))
            })?;
            table.insert(line, &row)?;
        }
        Ok(Self::Csv(table))
    }

    /// Reads a `.mo` file.
    pub(super) fn from_mo(file: &[u8]) -> Result<Self, LocaleError> {
        check_size(file)?;
        let messages = mo::parse(file).map_err(|error| LocaleError::new(error.to_string()))?;
        Ok(Self::Gettext(messages))
    }

    /// Tells whether texts may have a context.
    pub(super) fn knows_contexts(&self) -> bool {
        !matches!(self, Self::Csv(_))
    }

    /// The translation of a text alone.
    pub(super) fn text(&self, context: Option<&str>, message: &str) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Csv(table) => table.unknown.get(message).map(String::as_str),
            Self::Gettext(messages) => {
                let forms = messages.forms.get(&*key(context, message))?;
                non_empty(forms.first()?)
            }
        }
    }

    /// The translation that belongs to a number.
    pub(super) fn plural(
        &self,
        context: Option<&str>,
        message: &str,
        plural: &str,
        count: u64,
    ) -> Option<&str> {
        match self {
            Self::None => None,
            Self::Csv(table) if count == 1 => table.singular.get(message).map(String::as_str),
            Self::Csv(table) => table.plural.get(plural).map(String::as_str),
            Self::Gettext(messages) => {
                let forms = messages.forms.get(&*key(context, message))?;
                non_empty(forms.get(messages.rule.form(count)?)?)
            }
        }
    }
}

impl Table {
    fn insert(&mut self, line: usize, row: &[String]) -> Result<(), LocaleError> {
        let mut row = row.iter().map(|field| field.trim());
        let (Some(message), Some(translation)) = (row.next(), row.next()) else {
            return Ok(());
        };
        let table = match row.next().unwrap_or_default() {
            "" | "unknown" => &mut self.unknown,
            "singular" => &mut self.singular,
            "plural" => &mut self.plural,
            other => {
                let shown: String = other.chars().take(40).collect();
                return Err(LocaleError::new(format!(
                    "line {line}: the third column is {shown:?}, not plural, singular or unknown"
                )));
            }
        };
        table.insert(message.to_owned(), translation.to_owned());
        Ok(())
    }
}

/// Where a text stands in a catalogue of gettext.
fn key<'a>(context: Option<&str>, message: &'a str) -> std::borrow::Cow<'a, str> {
    match context {
        Some(context) => format!("{context}{CONTEXT_SEPARATOR}{message}").into(),
        None => message.into(),
    }
}

/// An empty translation means that there is none.
fn non_empty(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn check_size(file: &[u8]) -> Result<(), LocaleError> {
    if file.len() > MAX_FILE_SIZE {
        return Err(LocaleError::new("is larger than 16 MiB"));
    }
    Ok(())
}

fn decode(file: &[u8]) -> Result<String, LocaleError> {
    let wide = |octets: &[u8], unit: fn([u8; 2]) -> u16| {
        let (pairs, rest) = octets.as_chunks::<2>();
        let text = char::decode_utf16(pairs.iter().map(|pair| unit(*pair)));
        let text = text.collect::<Result<String, _>>().ok();
        text.filter(|_| rest.is_empty())
            .ok_or_else(|| LocaleError::new("is not UTF-16, as its byte order mark says"))
    };
    if let Some(octets) = file.strip_prefix(&[0xff, 0xfe]) {
        return wide(octets, u16::from_le_bytes);
    }
    if let Some(octets) = file.strip_prefix(&[0xfe, 0xff]) {
        return wide(octets, u16::from_be_bytes);
    }
    let octets = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let text = str::from_utf8(octets).map_err(|error| {
        let octet = error.valid_up_to();
        LocaleError::new(format!("is not UTF-8 from octet {octet} on"))
    })?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn school(file: &[u8]) -> Option<String> {
        let catalogue = Catalogue::from_csv(file).unwrap();
        catalogue.text(None, "school").map(str::to_owned)
    }

    #[test]
    fn all_encodings_with_a_mark_are_read() {
        let text = "\"school\",\"¡escuela\"\n";
        let utf16: Vec<u16> = text.encode_utf16().collect();
        let little = [0xfeff]
            .iter()
            .chain(&utf16)
            .flat_map(|unit| unit.to_le_bytes());
        let big = [0xfeff]
            .iter()
            .chain(&utf16)
            .flat_map(|unit| unit.to_be_bytes());
        for file in [
            text.as_bytes().to_vec(),
            format!("\u{feff}{text}").into_bytes(),
            little.collect(),
            big.collect(),
        ] {
            assert_eq!(school(&file).as_deref(), Some("¡escuela"));
        }
    }

    #[test]
    fn forms_are_told_apart_by_the_third_column() {
        let file = "a,one,singular\nmany,viele,plural\nb,be,unknown\nshort\n\nc, ce \n";
        let catalogue = Catalogue::from_csv(file.as_bytes()).unwrap();
        assert_eq!(catalogue.plural(None, "a", "many", 1), Some("one"));
        assert_eq!(catalogue.plural(None, "a", "many", 0), Some("viele"));
        assert_eq!(catalogue.text(None, "a"), None);
        assert_eq!(catalogue.text(None, "b"), Some("be"));
        assert_eq!(catalogue.text(None, "c"), Some("ce"));
    }

    #[test]
    fn wrong_files_name_line_and_reason() {
        let error = |file: &[u8]| Catalogue::from_csv(file).unwrap_err().to_string();
        assert!(error(b"a,b\nc,d,many\n").contains("line 2: the third column is \"many\""));
        assert!(error(b"a,b\n\"c,d\n").contains("line 2: a quote is not closed"));
        assert!(error(b"a,\xe9\n").contains("not UTF-8 from octet 2"));
        assert!(error(b"\xff\xfea").contains("not UTF-16"));
        assert!(error(&vec![b'a'; MAX_FILE_SIZE + 1]).contains("16 MiB"));
    }
}
