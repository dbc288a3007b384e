//! Cross-origin resource sharing.

mod answer;
mod settings;

pub use answer::cors;
pub use settings::Cors;
