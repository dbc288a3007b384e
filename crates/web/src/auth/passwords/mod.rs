//! Passwords: hashed with argon2id, off the loop, and never more at once than threads can take.

mod config;
mod hasher;
mod hashing;

pub use config::PasswordConfig;
pub use hasher::Passwords;
