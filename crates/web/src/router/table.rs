//! The routes of one host: path patterns, and a list of regular expressions.
//!
//! `matchit` checks every path pattern for conflicts and defines what matches. Those without
//! captures are found by their length and octets, the others segment by segment where that gives its answer.

use std::collections::HashMap;

use regex::Regex;

use super::literals::Literals;
use super::segments::Segments;
use super::{Captures, HostPattern, Syntax, as_text};

/// The routes of one host.
#[derive(Debug)]
pub(crate) struct Table {
    host: HostPattern,
    tree: matchit::Router<u32>,
    literals: Literals,
    /// Those with captures; `None` if some of them are for the tree only.
    segments: Option<Segments>,
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
            tree: matchit::Router::new(),
            literals: Literals::default(),
            segments: Some(Segments::default()),
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
                self.index(pattern, entry);
            }
            Syntax::Regex => self.regexes.push(RegexRoute {
                source: pattern.to_owned(),
                regex: anchored(pattern)?,
                entry,
            }),
        }
        Ok(())
    }

    /// Adds a pattern that the tree has taken to what finds it faster.
    fn index(&mut self, pattern: &str, entry: u32) {
        if !pattern.contains(['{', '}']) {
            self.literals.insert(pattern.as_bytes(), entry);
        } else if !Segments::can_hold(pattern) {
            self.segments = None;
        } else if let Some(segments) = &mut self.segments {
            segments.insert(pattern, entry);
        }
    }

    /// Looks the raw path up among the path patterns, those without captures first.
    #[inline]
    pub(crate) fn at(&self, path: &[u8]) -> Option<u32> {
        match self.literals.find(path) {
            Some(entry) => Some(entry),
            None => match &self.segments {
                Some(segments) => segments.find(path),
                None => Some(*self.tree.at(as_text(path)).ok()?.value),
            },
        }
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
