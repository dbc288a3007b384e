//! A blog, after Tornado's demo: one author signs up, signs in, writes in Markdown; readers get pages, an
//! archive and a feed.
//!
//! ```sh
//! cargo run --release --example blog                                     # SQLite, in blog.db
//! cargo run --release --example blog -- --database-url postgres://localhost/blog
//! ```
//!
//! Then open http://localhost:8888/ and become the author. `--help` lists the options.

mod accounts;
mod entries;
mod markup;
mod site;
mod store;
#[cfg(test)]
mod tests;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use waterspout::options::clap::{self, Parser};
use waterspout::options::{self, ServerOptions};
use waterspout::{CookieSecret, Result};

use self::site::Settings;

/// A blog.
#[derive(Debug, Parser)]
struct Options {
    /// Title of the blog.
    #[arg(long, env = "BLOG_TITLE", default_value = "Waterspout blog")]
    title: String,
    /// File of the SQLite database.
    #[arg(
        long,
        env = "BLOG_DATABASE",
        value_name = "FILE",
        default_value = "blog.db"
    )]
    database: PathBuf,
    /// PostgreSQL to use in place of SQLite, such as postgres://user@localhost/blog.
    #[arg(
        long,
        env = "BLOG_DATABASE_URL",
        value_name = "URL",
        hide_env_values = true
    )]
    database_url: Option<String>,
    /// Secret that signs cookies; without one, a restart signs the author out.
    #[arg(long, env = "BLOG_COOKIE_SECRET", hide_env_values = true)]
    cookie_secret: Option<String>,
    #[command(flatten)]
    server: ServerOptions,
}

fn main() -> ExitCode {
    let options: Options = options::parse();
    match serve(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("blog: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn serve(options: &Options) -> Result {
    let secret = match &options.cookie_secret {
        Some(secret) => CookieSecret::new(secret.clone()),
        None => CookieSecret::random()?,
    };
    let settings = Settings {
        title: options.title.clone(),
        database: options.database.clone(),
        database_url: options.database_url.clone(),
        secret,
        debug: options.server.debug,
    };
    // What cannot be opened is said now, and not by the first request.
    settings.check()?;
    options.server.log.init()?;
    let server = options
        .server
        .server(move || site::application(&settings))?;
    for address in server.addresses() {
        println!("listening on http://{address}");
    }
    std::io::stdout().flush()?;
    server.run()
}
