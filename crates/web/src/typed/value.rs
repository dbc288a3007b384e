//! The values of one name as serde reads them.

use std::borrow::Cow;
use std::fmt::Display;
use std::str::FromStr;

use serde::Deserializer;
use serde::de::value::{SeqDeserializer, StrDeserializer};
use serde::de::{IntoDeserializer, Visitor};

use super::error::TypedError;

/// All values of one name. A type that is no list wants exactly one.
#[derive(Debug)]
pub(super) struct Values<'a> {
    first: Cow<'a, str>,
    more: Vec<Cow<'a, str>>,
}

impl<'a> Values<'a> {
    pub(super) fn one(value: Cow<'a, str>) -> Self {
        Self {
            first: value,
            more: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, value: Cow<'a, str>) {
        self.more.push(value);
    }

    /// Each value by itself.
    pub(super) fn each(self) -> impl Iterator<Item = Self> {
        let all = std::iter::once(self.first).chain(self.more);
        all.map(Self::one)
    }

    fn len(&self) -> usize {
        self.more.len() + 1
    }

    fn single(self) -> Result<Cow<'a, str>, TypedError> {
        match self.len() {
            1 => Ok(self.first),
            count => Err(TypedError::problem(format!("given {count} times"))),
        }
    }

    /// Text goes on without a copy if it was made for us.
    fn visit_text<'de, V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.single()? {
            Cow::Borrowed(text) => visitor.visit_str(text),
            Cow::Owned(text) => visitor.visit_string(text),
        }
    }

    fn parse<T>(self) -> Result<T, TypedError>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.single()?;
        text.parse().map_err(|error| {
            let kind = std::any::type_name::<T>();
            TypedError::problem(format!("{} is no {kind}: {error}", shown(&text)))
        })
    }

    fn nested<T>(self) -> Result<T, TypedError> {
        Err(TypedError::problem("arguments cannot be nested"))
    }
}

impl<'de> IntoDeserializer<'de, TypedError> for Values<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

/// Methods that read a number by its `FromStr`.
macro_rules! numbers {
    ($($method:ident $visit:ident,)*) => {
        $(
            fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
                visitor.$visit(self.parse()?)
            }
        )*
    };
}

impl<'de> Deserializer<'de> for Values<'_> {
    type Error = TypedError;

    numbers! {
        deserialize_i8 visit_i8,
        deserialize_i16 visit_i16,
        deserialize_i32 visit_i32,
        deserialize_i64 visit_i64,
        deserialize_i128 visit_i128,
        deserialize_u8 visit_u8,
        deserialize_u16 visit_u16,
        deserialize_u32 visit_u32,
        deserialize_u64 visit_u64,
        deserialize_u128 visit_u128,
        deserialize_f32 visit_f32,
        deserialize_f64 visit_f64,
        deserialize_char visit_char,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        match self.len() {
            1 => self.visit_text(visitor),
            _ => self.deserialize_seq(visitor),
        }
    }

    /// What programs and check boxes send.
    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        let text = self.single()?;
        match &*text {
            "true" | "1" | "on" | "yes" => visitor.visit_bool(true),
            "false" | "0" | "off" | "no" => visitor.visit_bool(false),
            _ => Err(TypedError::problem(format!(
                "{} is not true or false",
                shown(&text)
            ))),
        }
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.visit_text(visitor)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.visit_text(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_byte_buf(self.single()?.into_owned().into_bytes())
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_byte_buf(self.single()?.into_owned().into_bytes())
    }

    /// A field of a form that was left blank is there, and empty.
    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        if self.len() == 1 && self.first.is_empty() {
            return visitor.visit_none();
        }
        visitor.visit_some(self)
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_unit()
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_unit()
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_seq(SeqDeserializer::new(self.each()))
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        if self.len() != length {
            let problem = format!("given {} times, not {length} times", self.len());
            return Err(TypedError::problem(problem));
        }
        self.deserialize_seq(visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, TypedError> {
        self.nested()
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, TypedError> {
        self.nested()
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, TypedError> {
        let text = self.single()?;
        let variant: StrDeserializer<'_, TypedError> = (*text).into_deserializer();
        visitor.visit_enum(variant)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        self.visit_text(visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, TypedError> {
        visitor.visit_unit()
    }
}

/// A value as an error shows it.
fn shown(text: &str) -> String {
    let short: String = text.chars().take(40).collect();
    match short.len() < text.len() {
        true => format!("{short:?}…"),
        false => format!("{short:?}"),
    }
}
