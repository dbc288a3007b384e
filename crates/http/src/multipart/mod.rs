//! Forms in parts, `multipart/form-data`: RFC 7578, strictly.
//!
//! [`Decoder`] takes a body apart as it comes; [`boundary`] finds what separates its parts.

mod decoder;
mod error;
mod parameters;
mod part;

pub use decoder::{Decoder, Event, Limits, Step};
pub use error::MultipartError;
pub use part::{PartHead, boundary};
