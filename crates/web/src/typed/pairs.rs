//! Names and their values as a map that serde reads.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserializer;
use serde::de::value::StrDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::error::TypedError;
use super::value::Values;

/// Names with their values, in the order in which the names first came.
#[derive(Debug)]
pub(super) struct Pairs<'a> {
    pairs: Vec<(&'a str, Values<'a>)>,
    /// Where the names stand that are not among the first [`FEW`].
    positions: BTreeMap<&'a str, usize>,
}

/// So many names are looked through one by one: a form has rarely more.
const FEW: usize = 16;

impl<'a> Pairs<'a> {
    /// Room for so many.
    pub(super) fn with_capacity(pairs: usize) -> Self {
        Self {
            pairs: Vec::with_capacity(pairs),
            positions: BTreeMap::new(),
        }
    }

    pub(super) fn push(&mut self, name: &'a str, value: Cow<'a, str>) {
        let mut few = self.pairs.iter().take(FEW);
        let known = few.position(|(known, _)| *known == name);
        let known = known.or_else(|| self.positions.get(name).copied());
        if let Some((_, values)) = known.and_then(|position| self.pairs.get_mut(position)) {
            values.push(value);
            return;
        }
        if self.pairs.len() >= FEW {
            self.positions.insert(name, self.pairs.len());
        }
        self.pairs.push((name, Values::one(value)));
    }
}

impl<'de> Deserializer<'de> for Pairs<'_> {
    type Error = TypedError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_map(Entries {
            rest: self.pairs.into_iter(),
            value: None,
        })
    }

    /// A list of names and values, as they came.
    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        let flat = self
            .pairs
            .into_iter()
            .flat_map(|(name, values)| values.each().map(move |value| (name, value)));
        visitor.visit_seq(Flat(flat))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_newtype_struct(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf
        unit_struct tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// The names, each with its values.
struct Entries<'a> {
    rest: std::vec::IntoIter<(&'a str, Values<'a>)>,
    value: Option<(&'a str, Values<'a>)>,
}

impl<'de> MapAccess<'de> for Entries<'_> {
    type Error = TypedError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, TypedError> {
        self.value = self.rest.next();
        let Some((name, _)) = &self.value else {
            return Ok(None);
        };
        let key: StrDeserializer<'_, TypedError> = (*name).into_deserializer();
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, TypedError> {
        let value = self.value.take();
        let (name, values) = value.ok_or_else(|| TypedError::problem("a value without a name"))?;
        seed.deserialize(values).map_err(|error| error.of(name))
    }
}

/// Names and values one by one, each pair a list of two.
struct Flat<I>(I);

impl<'a, 'de, I: Iterator<Item = (&'a str, Values<'a>)>> SeqAccess<'de> for Flat<I> {
    type Error = TypedError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, TypedError> {
        let Some((name, value)) = self.0.next() else {
            return Ok(None);
        };
        let pair = [Values::one(name.into()), value];
        let pair = serde::de::value::SeqDeserializer::new(pair.into_iter());
        seed.deserialize(pair).map(Some)
    }
}
