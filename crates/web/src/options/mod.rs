//! Options of a server: a configuration file, then the environment, then the command line.
//!
//! [`ServerOptions`] holds what every server wants to be told: where to listen, how many workers, the log,
//! TLS, which proxies to trust. It is a `clap` group that a program flattens into the parser of its own
//! options, and [`parse`] reads both from a TOML file, from environment variables and from the command
//! line; the later wins. A bad value ends the program with exit code 2 and a text that names the option
//! and what it may be. `--help` shows the defaults, those from the file included.
//!
//! # Examples
//!
//! ```no_run
//! use waterspout::options::clap::{self, Parser};
//! use waterspout::options::{self, ServerOptions};
//! use waterspout::{Application, Context, Result};
//!
//! /// A small chat.
//! #[derive(Parser)]
//! struct Options {
//!     /// Name that greets.
//!     #[arg(long, env = "CHAT_NAME", default_value = "lobby")]
//!     name: String,
//!     #[command(flatten)]
//!     server: ServerOptions,
//! }
//!
//! fn main() -> Result<()> {
//!     let options: Options = options::parse();
//!     let name = options.name.clone();
//!     options.server.run(move || {
//!         let name = name.clone();
//!         Application::new(name).get("/", async |cx: &mut Context<String>| cx.app().to_string())
//!     })
//! }
//! ```
//!
//! The file has the names of the long options, and tables for those with a common beginning:
//!
//! ```toml
//! name = "parlour"
//! port = 9000
//! [log]
//! level = "warn"          # the same as log-level = "warn"
//! ```

mod checked;
mod duration;
mod file;
mod log_options;
mod number;
mod parse;
mod server_options;

pub use clap;

pub use duration::duration;
pub use log_options::{LogOptions, RotateMode};
pub use parse::{parse, try_parse_from};
pub use server_options::ServerOptions;
