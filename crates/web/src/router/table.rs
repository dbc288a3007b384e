//! The routes of one host: a tree for the path patterns, a list for the regular expressions.

use std::collections::HashMap;

use regex::Regex;

use super::{Captures, HostPattern, Syntax};

/// The routes of one host.
#[derive(Debug)]
pub(crate) struct Table {
    host: HostPattern,
    /// The patterns without parameters by their length, sorted: most requests end here.
    literals: Vec<Vec<(Box<[u8]>, u32)>>,
    tree: matchit::Router<u32>,
    registered: HashMap<String, u32>,
    regexes: Vec<RegexRoute>,
    is_final: bool,
}

#[derive(Debug)]
struct RegexRoute {
    source: String,
    regex: Regex,
    entry: u32,
}

impl Table {
    pub(crate) fn new(host: HostPattern) -> Self {
        Self {
            host,
            literals: Vec::new(),
            tree: matchit::Router::new(),
            registered: HashMap::new(),
            regexes: Vec::new(),
            is_final: false,
        }
    }

    pub(crate) fn host(&self) -> &HostPattern {
        &self.host
    }

    /// Keeps requests for this host here, even those no route answers.
    pub(crate) fn set_final(&mut self) {
        self.is_final = true;
    }

    pub(crate) fn is_final(&self) -> bool {
        self.is_final
    }

    /// Returns the entry that was registered with exactly this pattern.
    pub(crate) fn registered(&self, syntax: Syntax, pattern: &str) -> Option<u32> {
        match syntax {
            Syntax::Path => self.registered.get(pattern).copied(),
            Syntax::Regex => {
                let mut routes = self.regexes.iter();
                Some(routes.find(|route| route.source == pattern)?.entry)
            }
        }
    }

    pub(crate) fn insert(
        &mut self,
        syntax: Syntax,
        pattern: &str,
        entry: u32,
    ) -> Result<(), String> {
        match syntax {
            Syntax::Path => {
                self.tree
                    .insert(pattern, entry)
                    .map_err(|error| explain(&error))?;
                self.registered.insert(pattern.to_owned(), entry);
                if !pattern.contains(['{', '}']) {
                    self.insert_literal(pattern.as_bytes(), entry);
                }
            }
            Syntax::Regex => self.regexes.push(RegexRoute {
                source: pattern.to_owned(),
                regex: anchored(pattern)?,
                entry,
            }),
        }
        Ok(())
    }

    fn insert_literal(&mut self, path: &[u8], entry: u32) {
        if self.literals.len() <= path.len() {
            self.literals.resize_with(path.len() + 1, Vec::new);
        }
        let same_length = &mut self.literals[path.len()];
        let at = same_length.partition_point(|(known, _)| **known < *path);
        same_length.insert(at, (path.into(), entry));
    }

    /// Looks the raw path up among the patterns without parameters.
    #[inline]
    pub(crate) fn literal_at(&self, path: &[u8]) -> Option<u32> {
        let same_length = self.literals.get(path.len())?;
        let at = same_length
            .binary_search_by(|(known, _)| (**known).cmp(path))
            .ok()?;
        Some(same_length[at].1)
    }

    /// Looks the raw path up among the path patterns.
    #[inline]
    pub(crate) fn at(&self, path: &str) -> Option<(u32, Captures)> {
        let matched = self.tree.at(path).ok()?;
        let mut captures = Captures::NONE;
        if !matched.params.is_empty() {
            for (_, value) in matched.params.iter() {
                // Each value is a slice of the path, so the difference is where it begins.
                let start = value.as_ptr() as usize - path.as_ptr() as usize;
                captures.push(Some(start..start + value.len()));
            }
        }
        Some((*matched.value, captures))
    }

    /// Walks through the regular expressions that match the whole raw path, in order.
    pub(crate) fn regexes_at(&self, path: &str) -> impl Iterator<Item = (u32, Captures)> {
        self.regexes.iter().filter_map(move |route| {
            let groups = route.regex.captures(path)?;
            let mut captures = Captures::NONE;
            for group in groups.iter().skip(1) {
                captures.push(group.map(|group| group.range()));
            }
            Some((route.entry, captures))
        })
    }
}

/// Compiles a pattern that must match the whole path, as Tornado's do.
fn anchored(pattern: &str) -> Result<Regex, String> {
    Regex::new(&format!(r"\A(?:{pattern})\z")).map_err(|error| error.to_string())
}

fn explain(error: &matchit::InsertError) -> String {
    match error {
        matchit::InsertError::Conflict { with } => format!("it conflicts with the route {with:?}"),
        matchit::InsertError::InvalidParamSegment => {
            "a segment has more than one parameter".to_owned()
        }
        matchit::InsertError::InvalidCatchAll => {
            "a `{*name}` parameter stands only at the end".to_owned()
        }
        other => other.to_string(),
    }
}
