//! Fields of a head: an ordered multimap in one block of bytes.

use std::fmt;

/// An ordered multimap of header fields, kept as one block of bytes and a table of ranges.
///
/// Names keep the case they came in, look-ups ignore it, and repeated fields keep their order.
/// Reading a head copies it once and allocates nothing per field.
///
/// # Examples
///
/// ```
/// use waterspout_http::Headers;
///
/// let mut headers = Headers::new();
/// headers.append("Accept", "text/html")?;
/// headers.append("accept", "text/plain")?;
/// assert_eq!(headers.get("ACCEPT"), Some("text/html"));
/// assert_eq!(headers.get_all("Accept").count(), 2);
/// assert!(headers.insert("X-Bad", "a\r\nb").is_err());
/// # Ok::<(), waterspout_http::InvalidHeader>(())
/// ```
#[derive(Clone, Default)]
pub struct Headers {
    block: Vec<u8>,
    fields: Vec<Field>,
}

/// Where in the block a field's name and value stand.
#[derive(Clone, Copy)]
struct Field {
    name: u32,
    name_len: u32,
    value: u32,
    value_len: u32,
}

impl Headers {
    /// Makes an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns the first value of `name` if it is UTF-8.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_bytes(name)
            .and_then(|value| std::str::from_utf8(value).ok())
    }

    /// Returns the first value of `name`.
    #[must_use]
    pub fn get_bytes(&self, name: &str) -> Option<&[u8]> {
        self.position(name)
            .map(|index| self.value(self.fields[index]))
    }

    /// Returns every value of `name`, in order.
    pub fn get_all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        let fields = self
            .fields
            .iter()
            .filter(move |field| self.is_named(**field, name));
        fields.map(|field| self.value(*field))
    }

    /// Tells whether there is a field `name`.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.position(name).is_some()
    }

    /// Returns every field as name and value, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.fields.iter().map(|field| {
            let name = std::str::from_utf8(self.name(*field)).unwrap_or_default();
            (name, self.value(*field))
        })
    }

    /// Returns every field as octets, in order.
    pub(crate) fn iter_bytes(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.fields
            .iter()
            .map(|field| (self.name(*field), self.value(*field)))
    }

    /// Returns the number of fields.
    #[must_use]
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Tells whether there are no fields.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Adds a field after those that are there.
    ///
    /// # Errors
    ///
    /// [`InvalidHeader`] if the name is not a token (RFC 9110 §5.6.2), or the value has a control
    /// octet other than a tab, or begins or ends with a blank (RFC 9110 §5.5).
    pub fn append(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result<(), InvalidHeader> {
        let value = value.as_ref();
        check_name(name)?;
        check_value(name, value)?;
        let at = self.block.len();
        let offset =
            |octets: usize| u32::try_from(octets).map_err(|_| InvalidHeader::too_long(name));
        let field = Field {
            name: offset(at)?,
            name_len: offset(name.len())?,
            value: offset(at + name.len())?,
            value_len: offset(value.len())?,
        };
        offset(at + name.len() + value.len())?;
        self.block.extend_from_slice(name.as_bytes());
        self.block.extend_from_slice(value);
        self.fields.push(field);
        Ok(())
    }

    /// Sets a field in place of every field of that name.
    ///
    /// # Errors
    ///
    /// As [`append`](Self::append); the fields are left as they were then.
    pub fn insert(&mut self, name: &str, value: impl AsRef<[u8]>) -> Result<(), InvalidHeader> {
        let value = value.as_ref();
        check_name(name)?;
        check_value(name, value)?;
        self.remove(name);
        self.append(name, value)
    }

    /// Removes every field `name` and tells whether there was one.
    pub fn remove(&mut self, name: &str) -> bool {
        let before = self.fields.len();
        let mut fields = std::mem::take(&mut self.fields);
        fields.retain(|field| !self.is_named(*field, name));
        self.fields = fields;
        self.fields.len() != before
    }

    /// Removes every field and keeps the memory.
    pub fn clear(&mut self) {
        self.block.clear();
        self.fields.clear();
    }

    /// Copies the fields into the map of the `http` crate, for libraries that ask for one.
    #[must_use]
    pub fn to_header_map(&self) -> http::HeaderMap {
        let mut map = http::HeaderMap::with_capacity(self.len());
        for (name, value) in self.iter_bytes() {
            let name = http::HeaderName::from_bytes(name);
            let value = http::HeaderValue::from_bytes(value);
            if let (Ok(name), Ok(value)) = (name, value) {
                map.append(name, value);
            }
        }
        map
    }

    /// Returns the copy of the head.
    #[inline]
    pub(crate) fn block(&self) -> &[u8] {
        &self.block
    }

    /// Copies the head whose fields [`push_range`](Self::push_range) has noted.
    #[inline]
    pub(crate) fn keep_block(&mut self, head: &[u8]) {
        self.block.extend_from_slice(head);
    }

    /// Notes a field by where its name and value stand in the head, each as offset and length.
    /// Offsets beyond 4 GiB do not occur: the head's limit is checked before the block is kept.
    #[inline]
    pub(crate) fn push_range(&mut self, name: (usize, usize), value: (usize, usize)) {
        let octets = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        self.fields.push(Field {
            name: octets(name.0),
            name_len: octets(name.1),
            value: octets(value.0),
            value_len: octets(value.1),
        });
    }

    /// Returns where the last field that [`push_range`](Self::push_range) has noted ends.
    pub(crate) fn noted(&self) -> usize {
        let last = self.fields.last();
        last.map_or(0, |field| (field.value + field.value_len) as usize)
    }

    /// Frees the memory of an unusually large head.
    pub(crate) fn shrink(&mut self) {
        if self.block.capacity() > 8 * 1024 {
            self.block = Vec::new();
        }
    }

    fn position(&self, name: &str) -> Option<usize> {
        self.fields
            .iter()
            .position(|field| self.is_named(*field, name))
    }

    fn is_named(&self, field: Field, name: &str) -> bool {
        field.name_len as usize == name.len()
            && self.name(field).eq_ignore_ascii_case(name.as_bytes())
    }

    fn name(&self, field: Field) -> &[u8] {
        &self.block[field.name as usize..][..field.name_len as usize]
    }

    fn value(&self, field: Field) -> &[u8] {
        &self.block[field.value as usize..][..field.value_len as usize]
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |(name, value): (_, &[u8])| (name, String::from_utf8_lossy(value).into_owned());
        f.debug_map().entries(self.iter().map(text)).finish()
    }
}

/// A field that must not be sent: its name or value could change the meaning of the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidHeader {
    name: String,
    why: &'static str,
}

impl InvalidHeader {
    fn new(name: &str, why: &'static str) -> Self {
        Self {
            name: name.escape_debug().take(64).collect(),
            why,
        }
    }

    fn too_long(name: &str) -> Self {
        Self::new(name, "is too long")
    }
}

impl fmt::Display for InvalidHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "header field {:?} {}", self.name, self.why)
    }
}

impl std::error::Error for InvalidHeader {}

fn check_name(name: &str) -> Result<(), InvalidHeader> {
    if name.is_empty() || !name.bytes().all(is_token) {
        return Err(InvalidHeader::new(name, "has a name that is not a token"));
    }
    Ok(())
}

fn check_value(name: &str, value: &[u8]) -> Result<(), InvalidHeader> {
    let blank = |octet: Option<&u8>| matches!(octet, Some(b' ' | b'\t'));
    if blank(value.first()) || blank(value.last()) {
        return Err(InvalidHeader::new(
            name,
            "has a value that begins or ends with a blank",
        ));
    }
    if !value.iter().all(|octet| is_field_octet(*octet)) {
        return Err(InvalidHeader::new(
            name,
            "has a control character in its value",
        ));
    }
    Ok(())
}

/// RFC 9110 §5.6.2, tchar.
static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut octet = 0x21u8;
    while octet < 0x7f {
        table[octet as usize] = octet.is_ascii_alphanumeric()
            || matches!(octet, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^'..=b'`' | b'|' | b'~');
        octet += 1;
    }
    table
};

/// Tells whether an octet can stand in a token.
#[inline]
pub(crate) fn is_token(octet: u8) -> bool {
    TOKEN[usize::from(octet)]
}

/// RFC 9110 §5.5: visible octets, blank, tab and obs-text.
#[inline]
pub(crate) fn is_field_octet(octet: u8) -> bool {
    matches!(octet, b'\t' | b' '..=b'~' | 0x80..)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_octets_that_could_split_a_message() {
        let mut headers = Headers::new();
        for value in ["a\rb", "a\nb", "a\0b", "\x7f", " a", "a\t"] {
            assert!(headers.append("X", value).is_err(), "{value:?}");
        }
        for name in ["", "a b", "a:", "é", "a\n"] {
            assert!(headers.append(name, "x").is_err(), "{name:?}");
        }
        assert!(headers.is_empty());
        headers.append("X-Ok", "").unwrap();
        headers.append("X-Ok", "a\tb \u{e9}").unwrap();
        assert_eq!(headers.len(), 2);
    }

    #[test]
    fn a_refused_insert_leaves_the_fields_as_they_were() {
        let mut headers = Headers::new();
        headers.insert("A", "1").unwrap();
        headers.insert("a", "\n").unwrap_err();
        assert_eq!(headers.get("A"), Some("1"));
        headers.insert("a", "2").unwrap();
        assert_eq!(headers.get_all("A").collect::<Vec<_>>(), [b"2"]);
    }

    #[test]
    fn keeps_order_and_case_and_makes_a_header_map() {
        let mut headers = Headers::new();
        for (name, value) in [("B", "1"), ("a", "2"), ("b", "3")] {
            headers.append(name, value).unwrap();
        }
        let names: Vec<_> = headers.iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["B", "a", "b"]);
        assert_eq!(headers.to_header_map().get_all("b").iter().count(), 2);
        assert!(headers.remove("B"));
        assert_eq!(headers.len(), 1);
    }
}
