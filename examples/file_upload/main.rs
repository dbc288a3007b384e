//! Receives files and sends them, with a bar that shows how far it is:
//!
//! ```text
//! cargo run --release --example file_upload -- receive --directory uploads
//! cargo run --release --example file_upload -- send http://localhost:8888 photo.jpg film.mp4
//! ```
//!
//! Files come as a form (`POST /`), also from the page at `/`, or as bodies (`PUT /NAME`). Neither side holds a
//! file in memory.

mod progress;
mod receive;
mod send;

use std::path::PathBuf;

use clap::{Parser, Subcommand};
use waterspout::net::IoLoop;
use waterspout::{HttpServer, Result};

use self::progress::Bar;
use self::receive::app;
use self::send::send;

#[derive(Debug, Parser)]
struct Flags {
    #[command(subcommand)]
    side: Side,
}

#[derive(Debug, Subcommand)]
enum Side {
    /// Takes files and keeps them in a directory.
    Receive {
        /// Port to listen on; 0 takes any that is free.
        #[arg(long, default_value_t = 8888)]
        port: u16,
        /// Where files are kept.
        #[arg(long)]
        directory: PathBuf,
    },
    /// Sends files, one after the other.
    Send {
        /// Where the receiver is, such as http://localhost:8888
        url: String,
        /// What to send.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Send a form instead of bodies.
        #[arg(long)]
        form: bool,
    },
}

fn main() -> Result {
    match Flags::parse().side {
        Side::Receive { port, directory } => {
            std::fs::create_dir_all(&directory)?;
            let server = HttpServer::new(move || app(directory.clone())).listen(port)?;
            for address in server.addresses() {
                println!("listening on {address}");
            }
            server.run()
        }
        Side::Send { url, files, form } => IoLoop::new()?.run_sync(async {
            for file in &files {
                let answer = send(&url, file, form, Bar::on_terminal()).await?;
                println!("{}: {answer}", file.display());
            }
            Ok(())
        }),
    }
}

#[cfg(test)]
mod tests;
