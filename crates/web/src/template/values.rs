//! Values for templates, by name.

use std::sync::Arc;

use minijinja::value::{Enumerator, Object, Serde, Value, merge_maps};
use minijinja::{Error, ErrorKind};
use serde::Serialize;

/// Makes the values of a template: `context! { name, title => "Home", ..others }`.
///
/// A value is anything serde can write; it is read and not consumed. After `..` come values that were
/// made already, such as by another `context!`; those before it win.
///
/// # Examples
///
/// ```
/// use serde::Serialize;
/// use waterspout::context;
///
/// #[derive(Serialize)]
/// struct Entry {
///     title: &'static str,
/// }
///
/// let entries = [Entry { title: "One" }, Entry { title: "Two" }];
/// let common = context! { title => "Home", user => "ann" };
/// let values = context! { entries, title => "Blog", ..common };
/// assert_eq!(values.get_attr("title")?.as_str(), Some("Blog"));
/// assert_eq!(values.get_attr("user")?.as_str(), Some("ann"));
/// # Ok::<(), waterspout::Error>(())
/// ```
#[macro_export]
macro_rules! context {
    ($(,)?) => {
        $crate::template::values(::std::vec::Vec::new())
    };
    (.. $others:expr $(,)?) => {
        $crate::template::Value::from($others)
    };
    ($($key:ident $(=> $value:expr)?),+ $(,)?) => {
        $crate::template::values(::std::vec![
            $((::std::stringify!($key), $crate::__context_value!($key $(=> $value)?))),+
        ])
    };
    ($($key:ident $(=> $value:expr)?),+, .. $others:expr $(,)?) => {
        $crate::template::values_before(
            $crate::context! { $($key $(=> $value)?),+ },
            $crate::template::Value::from($others),
        )
    };
}

/// One value of [`context!`](crate::context).
#[doc(hidden)]
#[macro_export]
macro_rules! __context_value {
    ($key:ident) => {
        $crate::template::value(&$key)
    };
    ($key:ident => $value:expr) => {
        $crate::template::value(&$value)
    };
}

/// Makes a value of anything serde can write.
#[doc(hidden)]
pub fn value<T: Serialize + ?Sized>(value: &T) -> Value {
    Value::from(Serde(value))
}

/// Makes a value that is an error for the template that uses it.
pub(crate) fn invalid(problem: &'static str) -> Value {
    Value::from(Error::new(ErrorKind::InvalidOperation, problem))
}

/// Makes a map of named values.
#[doc(hidden)]
#[must_use]
pub fn values(pairs: Vec<(&'static str, Value)>) -> Value {
    Value::from_object(Values(pairs))
}

/// Joins two maps; the first one wins.
#[doc(hidden)]
#[must_use]
pub fn values_before(first: Value, second: Value) -> Value {
    merge_maps([second, first])
}

/// A few named values, found one by one.
#[derive(Debug)]
struct Values(Vec<(&'static str, Value)>);

impl Object for Values {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let mut pairs = self.0.iter();
        let found = pairs.find(|(known, _)| *known == key);
        found.map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.iter().map(|(key, _)| Value::from(*key)).collect())
    }
}
