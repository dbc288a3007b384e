//! Names and their values as a map that serde reads.

use std::collections::HashMap;

use serde::Deserializer;
use serde::de::value::StringDeserializer;
use serde::de::{DeserializeSeed, IntoDeserializer, MapAccess, SeqAccess, Visitor};
use serde::forward_to_deserialize_any;

use super::error::TypedError;
use super::value::Values;

/// Names with their values, in the order in which the names first came.
#[derive(Debug, Default)]
pub(super) struct Pairs {
    pairs: Vec<(String, Vec<String>)>,
    positions: HashMap<String, usize>,
}

impl Pairs {
    pub(super) fn push(&mut self, name: String, value: String) {
        let known = self.positions.get(&name);
        match known.and_then(|position| self.pairs.get_mut(*position)) {
            Some((_, values)) => values.push(value),
            None => {
                self.positions.insert(name.clone(), self.pairs.len());
                self.pairs.push((name, vec![value]));
            }
        }
    }
}

impl<'de> Deserializer<'de> for Pairs {
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
            .flat_map(|(name, values)| values.into_iter().map(move |value| (name.clone(), value)));
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

struct Entries {
    rest: std::vec::IntoIter<(String, Vec<String>)>,
    value: Option<(String, Vec<String>)>,
}

impl<'de> MapAccess<'de> for Entries {
    type Error = TypedError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, TypedError> {
        let Some((name, values)) = self.rest.next() else {
            return Ok(None);
        };
        let key: StringDeserializer<TypedError> = name.clone().into_deserializer();
        self.value = Some((name, values));
        seed.deserialize(key).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(
        &mut self,
        seed: V,
    ) -> Result<V::Value, TypedError> {
        let value = self.value.take();
        let (name, values) = value.ok_or_else(|| TypedError::problem("a value without a name"))?;
        seed.deserialize(Values(values))
            .map_err(|error| error.of(&name))
    }
}

struct Flat<I>(I);

impl<'de, I: Iterator<Item = (String, String)>> SeqAccess<'de> for Flat<I> {
    type Error = TypedError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, TypedError> {
        let Some((name, value)) = self.0.next() else {
            return Ok(None);
        };
        let pair = serde::de::value::SeqDeserializer::new(
            [Values(vec![name]), Values(vec![value])].into_iter(),
        );
        seed.deserialize(pair).map(Some)
    }
}
