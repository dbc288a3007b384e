//! Routing: from host, path and method to the target that answers.
//!
//! Within one host, literal and `{named}` patterns are looked up first, in one tree on the raw
//! path; the regular expressions follow in the order of their registration. What a pattern
//! captures is kept as ranges of the raw path and decoded when somebody asks.
//!
//! The router knows nothing of handlers: a target is a number.

mod captures;
mod entry;
mod host;
mod pattern;
mod reverse;
mod table;

use std::collections::HashMap;

use http::Method;

pub(crate) use captures::Captures;
pub(crate) use entry::Entry;
pub(crate) use host::HostPattern;
pub(crate) use pattern::Pattern;
pub use reverse::UrlArguments;
pub(crate) use table::Table;

use crate::handler::Verbs;

/// Which routes a target is registered with: literal ones, or regular expressions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Syntax {
    Path,
    Regex,
}

/// The routes of an application.
#[derive(Debug)]
pub(crate) struct Router {
    entries: Vec<Entry>,
    tables: Vec<Table>,
    names: HashMap<String, u32>,
    /// Methods beyond the standard ones that some route has, so that others are 501.
    extensions: Vec<Method>,
}

/// The answer of a look-up.
#[derive(Debug)]
pub(crate) enum Lookup {
    /// A target, the entry it belongs to and what its pattern captured.
    Found {
        target: u32,
        entry: u32,
        captures: Captures,
    },
    /// The path is known, the method is not among those of `Allow`.
    Refused { allow: String },
    /// No route has this path.
    Unknown,
}

impl Router {
    pub(crate) fn new() -> Self {
        Self {
            entries: Vec::new(),
            tables: vec![Table::new(HostPattern::Any)],
            names: HashMap::new(),
            extensions: Vec::new(),
        }
    }

    /// Returns the table of a host, which is created where there is none yet.
    pub(crate) fn table_of(&mut self, host: HostPattern) -> usize {
        let known = self.tables.iter().position(|table| *table.host() == host);
        known.unwrap_or_else(|| {
            self.tables.push(Table::new(host));
            self.tables.len() - 1
        })
    }

    /// Tells whether any route depends on the host.
    #[inline]
    pub(crate) fn has_hosts(&self) -> bool {
        self.tables.len() > 1
    }

    pub(crate) fn table(&self, index: usize) -> &Table {
        &self.tables[index]
    }

    pub(crate) fn table_mut(&mut self, index: usize) -> &mut Table {
        &mut self.tables[index]
    }

    pub(crate) fn entry(&self, index: u32) -> &Entry {
        &self.entries[index as usize]
    }

    pub(crate) fn entry_mut(&mut self, index: u32) -> &mut Entry {
        &mut self.entries[index as usize]
    }

    /// Finds or creates the entry of a pattern in a table.
    pub(crate) fn register(
        &mut self,
        table: usize,
        syntax: Syntax,
        pattern: &str,
    ) -> Result<u32, String> {
        if let Some(entry) = self.tables[table].registered(syntax, pattern) {
            return Ok(entry);
        }
        let number = u32::try_from(self.entries.len()).map_err(|_| "too many routes".to_owned())?;
        let parsed = match syntax {
            Syntax::Path => Pattern::parse(pattern)?,
            Syntax::Regex => Pattern::parse_regex(pattern)?,
        };
        self.tables[table].insert(syntax, pattern, number)?;
        self.entries.push(Entry::new(pattern, parsed));
        Ok(number)
    }

    pub(crate) fn add_extension(&mut self, method: &Method) {
        if !self.extensions.contains(method) {
            self.extensions.push(method.clone());
        }
    }

    pub(crate) fn add_name(&mut self, name: &str, entry: u32) -> Result<(), String> {
        self.entries[entry as usize].pattern().check_reversible()?;
        match self.names.insert(name.to_owned(), entry) {
            None => Ok(()),
            Some(other) if other == entry => Ok(()),
            Some(other) => Err(format!(
                "the name {name:?} already belongs to the route {:?}",
                self.entry(other).source()
            )),
        }
    }

    /// Returns the pattern of a named route.
    pub(crate) fn named(&self, name: &str) -> Option<&Pattern> {
        Some(self.entry(*self.names.get(name)?).pattern())
    }

    /// Tells whether any route has this method, or every server ought to know it.
    pub(crate) fn recognizes(&self, method: &Method) -> bool {
        entry::is_standard(method) || self.extensions.contains(method)
    }

    /// Returns every method that some route has: the answer to `OPTIONS *`.
    pub(crate) fn allow_everywhere(&self) -> String {
        let mut allow = Allow::default();
        self.entries.iter().for_each(|entry| allow.add(entry));
        allow.into_text()
    }

    /// Finds the target of a request by its raw path.
    #[inline]
    pub(crate) fn find(&self, host: &str, path: &[u8], method: &Method) -> Lookup {
        let Some((default, hosts)) = self.tables.split_first() else {
            return Lookup::Unknown;
        };
        for table in hosts.iter().filter(|table| table.host().matches(host)) {
            match self.find_in(table, path, method) {
                Lookup::Unknown if !table.is_final() => {}
                answer => return answer,
            }
        }
        self.find_in(default, path, method)
    }

    #[inline]
    fn find_in(&self, table: &Table, path: &[u8], method: &Method) -> Lookup {
        if let Some(entry) = table.literal_at(path)
            && let Some(target) = self.entries[entry as usize].target(method)
        {
            let captures = Captures::NONE;
            return Lookup::Found {
                target,
                entry,
                captures,
            };
        }
        self.find_pattern(table, path, method)
    }

    fn find_pattern(&self, table: &Table, path: &[u8], method: &Method) -> Lookup {
        // The connection lets nothing but ASCII through.
        let path = std::str::from_utf8(path).unwrap_or_default();
        let Some((entry, captures)) = table.at(path) else {
            return self.find_regex(table, path, method, None);
        };
        match self.entries[entry as usize].target(method) {
            Some(target) => Lookup::Found {
                target,
                entry,
                captures,
            },
            None => self.find_regex(table, path, method, Some(entry)),
        }
    }

    /// The slow path: regular expressions, and the methods to name when none will do.
    fn find_regex(&self, table: &Table, path: &str, method: &Method, known: Option<u32>) -> Lookup {
        let mut allow = Allow::default();
        if let Some(entry) = known {
            allow.add(self.entry(entry));
        }
        for (number, captures) in table.regexes_at(path) {
            let entry = self.entry(number);
            if let Some(target) = entry.target(method) {
                return Lookup::Found {
                    target,
                    entry: number,
                    captures,
                };
            }
            allow.add(entry);
        }
        if allow.known {
            Lookup::Refused {
                allow: allow.into_text(),
            }
        } else {
            Lookup::Unknown
        }
    }
}

/// The methods of the `Allow` field, gathered over the entries that know a path.
#[derive(Default)]
struct Allow {
    known: bool,
    verbs: Verbs,
    others: Vec<Method>,
}

impl Allow {
    fn add(&mut self, entry: &Entry) {
        self.known = true;
        self.verbs = self.verbs.union(entry.verbs());
        for method in entry.extensions() {
            if !self.others.contains(method) {
                self.others.push(method.clone());
            }
        }
    }

    fn into_text(self) -> String {
        let mut names: Vec<&str> = self.verbs.iter().map(|verb| verb.name()).collect();
        names.extend(self.others.iter().map(Method::as_str));
        names.join(", ")
    }
}

#[cfg(test)]
mod tests;
