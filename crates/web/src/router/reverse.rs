use std::fmt::Display;

/// Arguments of [`Context::reverse_url`](crate::Context::reverse_url).
///
/// `()` for a route without parameters, an array, slice or vector of values of one type, or a tuple
/// of up to four values of different types.
pub trait UrlArguments {
    /// Returns the values in the order of the route's parameters, not encoded.
    fn into_values(self) -> Vec<String>;
}

fn text(value: &dyn Display) -> String {
    value.to_string()
}

impl UrlArguments for () {
    fn into_values(self) -> Vec<String> {
        Vec::new()
    }
}

impl<T: Display, const N: usize> UrlArguments for [T; N] {
    fn into_values(self) -> Vec<String> {
        self.iter().map(|value| text(value)).collect()
    }
}

impl<T: Display> UrlArguments for &[T] {
    fn into_values(self) -> Vec<String> {
        self.iter().map(|value| text(value)).collect()
    }
}

impl<T: Display> UrlArguments for Vec<T> {
    fn into_values(self) -> Vec<String> {
        self.iter().map(|value| text(value)).collect()
    }
}

impl<A: Display> UrlArguments for (A,) {
    fn into_values(self) -> Vec<String> {
        vec![text(&self.0)]
    }
}

impl<A: Display, B: Display> UrlArguments for (A, B) {
    fn into_values(self) -> Vec<String> {
        vec![text(&self.0), text(&self.1)]
    }
}

impl<A: Display, B: Display, C: Display> UrlArguments for (A, B, C) {
    fn into_values(self) -> Vec<String> {
        vec![text(&self.0), text(&self.1), text(&self.2)]
    }
}

impl<A: Display, B: Display, C: Display, D: Display> UrlArguments for (A, B, C, D) {
    fn into_values(self) -> Vec<String> {
        vec![text(&self.0), text(&self.1), text(&self.2), text(&self.3)]
    }
}
