//! Paths with captures, found segment by segment in a tree.
//!
//! It knows patterns whose segments are either literal or one whole capture, which are nearly all,
//! and gives the answer of `matchit` for them with less work. Where a table has other patterns, such
//! as `/{name}.png`, it is not used.

/// A node: what may follow on a prefix of whole segments.
#[derive(Debug, Default)]
pub(super) struct Segments {
    literals: Vec<(Box<[u8]>, Self)>,
    /// `{name}`.
    any: Option<Box<Self>>,
    /// `{*name}`: the rest of the path, if there is one.
    rest: Option<u32>,
    /// The entry of a path that ends here.
    end: Option<u32>,
}

impl Segments {
    /// Tells whether each segment of a pattern is literal or one whole capture.
    pub(super) fn can_hold(pattern: &str) -> bool {
        pattern.split('/').all(|segment| {
            let inner = segment
                .strip_prefix('{')
                .and_then(|rest| rest.strip_suffix('}'));
            !inner.unwrap_or(segment).contains(['{', '}'])
        })
    }

    /// Adds a pattern that begins with a slash.
    pub(super) fn insert(&mut self, pattern: &str, entry: u32) {
        let mut node = self;
        for segment in pattern.split('/').skip(1) {
            if segment.starts_with("{*") {
                node.rest = Some(entry);
                return;
            }
            node = if segment.starts_with('{') {
                node.any.get_or_insert_default()
            } else {
                node.literal(segment.as_bytes())
            };
        }
        node.end = Some(entry);
    }

    /// Finds the entry of a path. At each segment literal text is tried first, then a capture of the
    /// segment, then one of the rest.
    pub(super) fn find(&self, path: &[u8]) -> Option<u32> {
        let after = match path {
            [] => return self.end,
            [b'/', after @ ..] => after,
            _ => return None,
        };
        let length = after.iter().position(|&byte| byte == b'/');
        let (segment, next) = after.split_at(length.unwrap_or(after.len()));
        let literal = self.literals.iter().find(|(text, _)| **text == *segment);
        if let Some((_, node)) = literal
            && let Some(entry) = node.find(next)
        {
            return Some(entry);
        }
        if let Some(node) = &self.any
            && !segment.is_empty()
            && let Some(entry) = node.find(next)
        {
            return Some(entry);
        }
        self.rest.filter(|_| !after.is_empty())
    }

    fn literal(&mut self, segment: &[u8]) -> &mut Self {
        let known = self
            .literals
            .iter()
            .position(|(text, _)| **text == *segment);
        let at = known.unwrap_or_else(|| {
            self.literals.push((segment.into(), Self::default()));
            self.literals.len() - 1
        });
        &mut self.literals[at].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATTERNS: [&str; 14] = [
        "/",
        "/a",
        "/a/",
        "/{x}",
        "/a/{x}",
        "/{x}/b",
        "/a/{*rest}",
        "/{*rest}",
        "/{x}/{y}/b",
        "/a/b/{x}",
        "/{x}/",
        "/a/{x}/c",
        "/b/{x}/{*rest}",
        "/{x}/a/{*rest}",
    ];

    /// Every path of up to four segments, empty ones among them.
    fn paths() -> Vec<String> {
        let mut paths = vec![String::new()];
        let mut last = paths.clone();
        for _ in 0..4 {
            let longer = last.iter().flat_map(|path: &String| {
                ["", "a", "b", "c"].map(|segment| format!("{path}/{segment}"))
            });
            last = longer.collect();
            paths.extend_from_slice(&last);
        }
        paths
    }

    #[test]
    fn answers_are_those_of_matchit_for_every_set_of_patterns() {
        let paths = paths();
        for set in 0..1_u32 << PATTERNS.len() {
            // Sets of up to four, else it takes long.
            if set.count_ones() > 4 {
                continue;
            }
            let (mut segments, mut tree) = (Segments::default(), matchit::Router::new());
            for (number, pattern) in (0..).zip(PATTERNS) {
                if set >> number & 1 == 1 && tree.insert(pattern, number).is_ok() {
                    segments.insert(pattern, number);
                }
            }
            for path in &paths {
                let wanted = tree.at(path).ok().map(|matched| *matched.value);
                assert_eq!(segments.find(path.as_bytes()), wanted, "{set:b} {path}");
            }
        }
    }

    #[test]
    fn only_whole_segments_are_held() {
        assert!(Segments::can_hold("/a/{x}/{*rest}"));
        for pattern in ["/{x}.png", "/img-{x}", "/{{a}}", "/a{{"] {
            assert!(!Segments::can_hold(pattern), "{pattern}");
        }
    }
}
