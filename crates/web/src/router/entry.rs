use http::Method;

use super::Pattern;
use crate::handler::{Verb, Verbs};

/// A slot without a target.
const EMPTY: u32 = u32::MAX;

/// One pattern with a target for each of its methods.
#[derive(Debug)]
pub(crate) struct Entry {
    source: String,
    pattern: Pattern,
    slots: [u32; Verb::COUNT],
    any: u32,
    /// The target of each verb, whether it has one of its own or not: what a look-up reads.
    resolved: [u32; Verb::COUNT],
    extensions: Vec<(Method, u32)>,
    /// The verbs somebody registered, as against those that follow from others.
    registered: Verbs,
}

impl Entry {
    pub(crate) fn new(source: &str, pattern: Pattern) -> Self {
        Self {
            source: source.to_owned(),
            pattern,
            slots: [EMPTY; Verb::COUNT],
            any: EMPTY,
            resolved: [EMPTY; Verb::COUNT],
            extensions: Vec::new(),
            registered: Verbs::default(),
        }
    }

    /// Gives a verb its target. A GET answers HEAD as well, unless HEAD has a target of its own.
    pub(crate) fn add(&mut self, verb: Verb, target: u32) -> Result<(), String> {
        if self.registered.contains(verb) {
            return Err(format!("it has a handler for {} already", verb.name()));
        }
        self.registered.insert(verb);
        self.slots[verb as usize] = target;
        if verb == Verb::Get && !self.registered.contains(Verb::Head) {
            self.slots[Verb::Head as usize] = target;
        }
        self.resolve();
        Ok(())
    }

    /// Gives a method beyond the standard verbs its target.
    pub(crate) fn add_extension(&mut self, method: Method, target: u32) -> Result<(), String> {
        if self.extensions.iter().any(|(known, _)| *known == method) {
            return Err(format!("it has a handler for {method} already"));
        }
        self.extensions.push((method, target));
        Ok(())
    }

    /// Gives every method without a target of its own this one.
    pub(crate) fn add_any(&mut self, target: u32) -> Result<(), String> {
        if self.any != EMPTY {
            return Err("it has a handler for any method already".to_owned());
        }
        self.any = target;
        self.resolve();
        Ok(())
    }

    fn resolve(&mut self) {
        for (resolved, &slot) in self.resolved.iter_mut().zip(&self.slots) {
            *resolved = if slot == EMPTY { self.any } else { slot };
        }
    }

    /// Returns the target of a method.
    #[inline]
    pub(crate) fn target(&self, method: &Method) -> Option<u32> {
        let target = match Verb::of(method) {
            Some(verb) => self.resolved[verb as usize],
            None => self.extension(method),
        };
        (target != EMPTY).then_some(target)
    }

    #[cold]
    fn extension(&self, method: &Method) -> u32 {
        let mut known = self.extensions.iter();
        known
            .find(|(name, _)| name == method)
            .map_or(self.any, |(_, target)| *target)
    }

    pub(crate) fn source(&self) -> &str {
        &self.source
    }

    pub(crate) fn pattern(&self) -> &Pattern {
        &self.pattern
    }

    pub(crate) fn extensions(&self) -> impl Iterator<Item = &Method> {
        self.extensions.iter().map(|(method, _)| method)
    }

    /// Returns the verbs that are answered here: OPTIONS always is, by the framework if need be.
    pub(crate) fn verbs(&self) -> Verbs {
        if self.any != EMPTY {
            return Verbs::ALL;
        }
        let mut verbs = Verbs::default();
        for verb in Verb::ALL {
            if self.slots[verb as usize] != EMPTY {
                verbs.insert(verb);
            }
        }
        verbs.insert(Verb::Options);
        verbs
    }
}

/// Tells whether RFC 9110 §9.3 or RFC 5789 defines the method.
pub(crate) fn is_standard(method: &Method) -> bool {
    Verb::of(method).is_some() || *method == Method::TRACE || *method == Method::CONNECT
}
