//! Where log lines go, and what they look like.
//!
//! Waterspout writes its log through `tracing`, and so may applications; without a subscriber nothing is
//! formatted. [`LogConfig`] is a subscriber for servers: lines for people on a terminal, in Tornado's form
//! and colours, or JSON for machines, and files that are rotated. Whoever wants another calls
//! `tracing_subscriber` as usual.
//!
//! | target | what |
//! |---|---|
//! | `waterspout::access` | a line for each request: information, warnings for 4xx, errors for 5xx |
//! | `waterspout::application` | failures of handlers, with their causes |
//! | `waterspout::general` | refused requests, starting and stopping |
//!
//! # Examples
//!
//! ```
//! use waterspout::log::{LogConfig, LogFormat, LogLevel};
//!
//! let log = LogConfig::default().level(LogLevel::Debug).format(LogFormat::Json);
//! log.init().unwrap();
//! tracing::info!("listening");
//! ```

mod config;
mod file;
mod line;
mod subscriber;

pub use config::{LogConfig, LogFormat, LogLevel, LogRotation};
