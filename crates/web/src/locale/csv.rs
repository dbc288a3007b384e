//! Comma-separated values: RFC 4180, with what Python's reader also takes.

/// The rows of a file and the lines they begin in.
pub(super) struct Rows<'a> {
    text: &'a str,
    line: usize,
}

/// A quote that is not closed, and the line it stands in.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct OpenQuote {
    pub(super) line: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, line: 1 }
    }

    /// Reads one row. Empty ones have one empty field.
    fn row(&mut self) -> Result<Vec<String>, OpenQuote> {
        let mut fields = Vec::new();
        loop {
            let (field, separator) = self.field()?;
            fields.push(field);
            if separator != Some(',') {
                return Ok(fields);
            }
        }
    }

    /// Reads one field and what ends it: a comma, a line feed, or the end of the text.
    fn field(&mut self) -> Result<(String, Option<char>), OpenQuote> {
        let mut field = String::new();
        if let Some(quoted) = self.text.strip_prefix('"') {
            self.text = quoted;
            self.quoted(&mut field)?;
        }
        let end = self.text.find([',', '\n', '\r']);
        let (rest, after) = match end {
            Some(end) => self.text.split_at(end),
            None => (self.text, ""),
        };
        field.push_str(rest);
        let after = match after.strip_prefix("\r\n") {
            Some(_) => &after[1..],
            None => after,
        };
        let separator = after.chars().next();
        self.text = after.get(1..).unwrap_or_default();
        self.line += usize::from(matches!(separator, Some('\n' | '\r')));
        Ok((field, separator))
    }

    /// Reads up to the quote that closes; two quotes are one.
    fn quoted(&mut self, field: &mut String) -> Result<(), OpenQuote> {
        let line = self.line;
        loop {
            let Some(end) = self.text.find('"') else {
                return Err(OpenQuote { line });
            };
            let content = &self.text[..end];
            self.line += content.matches('\n').count();
            field.push_str(content);
            self.text = &self.text[end + 1..];
            match self.text.strip_prefix('"') {
                Some(rest) => {
                    field.push('"');
                    self.text = rest;
                }
                None => return Ok(()),
            }
        }
    }
}

impl Iterator for Rows<'_> {
    type Item = Result<(usize, Vec<String>), OpenQuote>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.text.is_empty() {
            return None;
        }
        let line = self.line;
        let row = self.row();
        if row.is_err() {
            self.text = "";
        }
        Some(row.map(|row| (line, row)))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rows(text: &str) -> Vec<Vec<String>> {
        Rows::new(text).map(|row| row.unwrap().1).collect()
    }

    #[test]
    fn fields_and_rows_are_told_apart() {
        let text = "a,b\r\n\"c,\"\"d\"\"\n\",e\n\n\"x\"y , z\rlast";
        let expected: [&[&str]; 5] = [
            &["a", "b"],
            &["c,\"d\"\n", "e"],
            &[""],
            &["xy ", " z"],
            &["last"],
        ];
        assert_eq!(rows(text), expected);
        assert_eq!(rows("a,"), [["a", ""]]);
        assert_eq!(rows("a \"b\","), [["a \"b\"", ""]]);
    }

    #[test]
    fn an_open_quote_is_an_error_in_its_line() {
        let mut rows = Rows::new("a\n\"b\nc\",\"d");
        assert_eq!(rows.next().unwrap().unwrap().0, 1);
        assert_eq!(rows.next().unwrap(), Err(OpenQuote { line: 3 }));
        assert_eq!(rows.next(), None);
    }

    proptest! {
        #[test]
        fn quoted_rows_come_back(table in prop::collection::vec(
            prop::collection::vec("[a,\"\n\r é]{0,5}", 1..4), 1..6))
        {
            let quote = |field: &String| format!("\"{}\"", field.replace('"', "\"\""));
            let line = |row: &Vec<String>| row.iter().map(quote).collect::<Vec<_>>().join(",");
            let text: String = table.iter().map(|row| line(row) + "\n").collect();
            prop_assert_eq!(rows(&text), table);
        }

        #[test]
        fn any_text_ends(text in "[a,\"\n\r]{0,40}") {
            prop_assert!(Rows::new(&text).count() <= text.len() + 1);
        }
    }
}
