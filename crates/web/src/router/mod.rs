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
mod literals;
mod pattern;
mod reverse;
mod segments;
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

/// The answer of a look-up: a target, and the entry whose pattern captured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) target: u32,
    pub(crate) entry: u32,
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

    /// Finds the target of a request by its raw path. What its pattern captured is put into `captures`.
    #[inline]
    pub(crate) fn find(
        &self,
        host: &str,
        path: &[u8],
        method: &Method,
        captures: &mut Captures,
    ) -> Option<Found> {
        if self.has_hosts() {
            return self.find_with_host(host, path, method, captures);
        }
        self.find_in(self.tables.first()?, path, method, captures)
    }

    fn find_with_host(
        &self,
        host: &str,
        path: &[u8],
        method: &Method,
        captures: &mut Captures,
    ) -> Option<Found> {
        for table in self.tables_of(host) {
            let found = self.find_in(table, path, method, captures);
            if found.is_some() || self.knows(table, as_text(path)) {
                return found;
            }
        }
        None
    }

    #[inline]
    fn find_in(
        &self,
        table: &Table,
        path: &[u8],
        method: &Method,
        captures: &mut Captures,
    ) -> Option<Found> {
        if let Some(number) = table.at(path)
            && let entry = &self.entries[number as usize]
            && let Some(target) = entry.target(method)
        {
            entry.pattern().locate(path, captures);
            return Some(Found {
                target,
                entry: number,
            });
        }
        self.find_regex(table, as_text(path), method, captures)
    }

    #[inline(never)]
    fn find_regex(
        &self,
        table: &Table,
        path: &str,
        method: &Method,
        captures: &mut Captures,
    ) -> Option<Found> {
        table.regexes_at(path).find_map(|(entry, captured)| {
            let target = self.entry(entry).target(method)?;
            *captures = captured;
            Some(Found { target, entry })
        })
    }

    /// Returns the methods that a path has, for `Allow`; `None` if no route has the path.
    pub(crate) fn allow(&self, host: &str, path: &str) -> Option<String> {
        let mut tables = self.tables_of(host);
        let table = tables.find(|table| self.knows(table, path))?;
        let mut allow = Allow::default();
        self.entries_at(table, path)
            .for_each(|entry| allow.add(entry));
        Some(allow.into_text())
    }

    fn knows(&self, table: &Table, path: &str) -> bool {
        self.entries_at(table, path).next().is_some()
    }

    fn entries_at(&self, table: &Table, path: &str) -> impl Iterator<Item = &Entry> {
        let literal = table.at(path.as_bytes());
        let regexes = table.regexes_at(path).map(|(entry, _)| entry);
        let numbers = literal.into_iter().chain(regexes);
        numbers.map(|entry| self.entry(entry))
    }

    /// Walks through the tables of a host: its own, until one is final, and then the default.
    fn tables_of(&self, host: &str) -> impl Iterator<Item = &Table> {
        let hosts = self.tables.iter().skip(1);
        let matching = hosts.filter(move |table| table.host().matches(host));
        let mut ended = false;
        matching
            .chain(self.tables.first())
            .take_while(move |table| {
                let goes_on = !ended;
                ended = table.is_final();
                goes_on
            })
    }
}

/// The raw path as text. The connection lets nothing but ASCII through.
fn as_text(path: &[u8]) -> &str {
    std::str::from_utf8(path).unwrap_or_default()
}

/// The methods of the `Allow` field, gathered over the entries that know a path.
#[derive(Default)]
struct Allow {
    verbs: Verbs,
    others: Vec<Method>,
}

impl Allow {
    fn add(&mut self, entry: &Entry) {
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
