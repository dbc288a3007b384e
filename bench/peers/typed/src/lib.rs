//! What peers read from a form and from JSON, and what they answer: the types of Waterspout's `testbed`.

use serde::{Deserialize, Serialize};

/// Name and value of a cookie.
#[derive(Debug, Deserialize)]
pub struct Pair {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: String,
}

/// Name of a cookie.
#[derive(Debug, Deserialize)]
pub struct Name {
    /// It.
    pub name: String,
}

/// The fields of a form.
#[derive(Debug, Deserialize)]
pub struct SignUp {
    /// Any text.
    pub name: String,
    /// Any text.
    pub email: String,
    /// In years.
    pub age: u8,
    /// Any text.
    pub country: String,
    /// Whether the box is ticked.
    pub newsletter: bool,
}

impl SignUp {
    /// Returns all fields in a line.
    #[must_use]
    pub fn line(&self) -> String {
        let Self {
            name,
            email,
            age,
            country,
            newsletter,
        } = self;
        format!("{name} <{email}>, {age}, {country}, newsletter: {newsletter}")
    }
}

/// What comes as JSON.
#[derive(Debug, Deserialize)]
pub struct Order {
    /// Any text.
    pub article: String,
    /// How many.
    pub count: u32,
    /// In cents, of one.
    pub price: u32,
    /// Whether it is urgent.
    pub express: bool,
    /// Any texts.
    pub tags: Vec<String>,
}

/// What is answered in JSON.
#[derive(Debug, Serialize)]
pub struct Receipt {
    /// That of the order.
    pub article: String,
    /// That of the order.
    pub count: u32,
    /// In cents.
    pub total: u64,
    /// That of the order.
    pub express: bool,
    /// Those of the order.
    pub tags: Vec<String>,
}

impl From<Order> for Receipt {
    fn from(order: Order) -> Self {
        Self {
            total: u64::from(order.count) * u64::from(order.price),
            article: order.article,
            count: order.count,
            express: order.express,
            tags: order.tags,
        }
    }
}
