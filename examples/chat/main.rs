//! A chat with rooms: `cargo run --release --example chat`, then open <http://127.0.0.1:8888/> in two
//! windows.
//!
//! Who talks in a room is a [`Member`](waterspout::Member) of it, on whichever worker. A browser that
//! lost its connection comes back with the position of the last message it saw and gets what it missed.
//! Where WebSockets are blocked the page falls back to long polls of the same room. The page needs nothing
//! from elsewhere.

mod say;
mod talk;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use serde::Serialize;
use waterspout::net::cpu_count;
use waterspout::{
    Application, HttpServer, Json, Result, RoomHub, Rooms, RoomsConfig, SlowConsumer,
    WebSocketConfig,
};

type Context = waterspout::Context<Rooms>;

/// A chat with rooms, history and presence.
#[derive(Debug, Parser)]
#[command(version)]
struct Flags {
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 8888)]
    port: u16,
    /// Address to listen on; 0.0.0.0 lets others in.
    #[arg(long, default_value = "127.0.0.1")]
    address: String,
    /// Loops; 0 is one per core.
    #[arg(long, default_value_t = 0)]
    workers: usize,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    match serve(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("chat: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn serve(flags: &Flags) -> Result {
    let hub = hub();
    let workers = if flags.workers == 0 {
        cpu_count()
    } else {
        flags.workers
    };
    let server = HttpServer::new(move || app(hub.rooms()))
        .workers(workers)
        .listen((flags.address.as_str(), flags.port))?;
    for address in server.addresses() {
        if let Some(port) = address.port() {
            println!("listening on http://{}:{port}", flags.address);
        }
    }
    std::io::stdout().flush()?;
    server.run()
}

/// Rooms that remember their last hundred messages for an hour.
fn hub() -> RoomHub {
    let hour = std::time::Duration::from_secs(3600);
    let config = RoomsConfig::default().history(100).history_ttl(hour);
    RoomHub::with_config(config.max_name_len(64).max_rooms(10_000))
}

/// Every route of the chat.
fn app(rooms: Rooms) -> Application<Rooms> {
    // Who does not keep up comes back and catches up; so nothing is dropped from within.
    let config = WebSocketConfig::default()
        .max_message_size(8 * 1024)
        .slow_consumer(SlowConsumer::Close);
    Application::new(rooms)
        .get("/", page)
        .get("/chat.css", style)
        .get("/chat.js", script)
        .get("/rooms", counts)
        .websocket_with("/room/{room}/socket", config, talk::socket)
        .get("/room/{room}/names", talk::names)
        .get("/room/{room}/poll", talk::poll)
        .post("/room/{room}/say", talk::say)
}

async fn page(cx: &mut Context) -> Result {
    // Nothing but our own files, and nothing inline: what people write can never run.
    let policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; \
                  img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
    cx.set_header("Content-Security-Policy", policy)?;
    cx.set_header("X-Content-Type-Options", "nosniff")?;
    asset(cx, "text/html; charset=utf-8", include_str!("page.html"))
}

async fn style(cx: &mut Context) -> Result {
    asset(cx, "text/css; charset=utf-8", include_str!("chat.css"))
}

async fn script(cx: &mut Context) -> Result {
    asset(
        cx,
        "text/javascript; charset=utf-8",
        include_str!("chat.js"),
    )
}

fn asset(cx: &mut Context, kind: &str, text: &'static str) -> Result {
    cx.set_header("Content-Type", kind)?;
    cx.set_header("Cache-Control", "no-cache")?;
    cx.write(text)
}

/// Rooms that are always offered.
const ROOMS: [&str; 4] = ["Lobby", "Rust", "Weather", "Tea"];

#[derive(Serialize)]
struct Count {
    room: &'static str,
    members: usize,
}

async fn counts(cx: &mut Context) -> Json<Vec<Count>> {
    let rooms = cx.app();
    let count = |room| Count {
        room,
        members: rooms.members(room),
    };
    Json(ROOMS.into_iter().map(count).collect())
}

#[cfg(test)]
mod tests;
