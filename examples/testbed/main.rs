//! The program that conformance and load tests talk to, and a tour of what works:
//! `cargo run --release --example testbed`, then open the address it prints.
//!
//! `--help` lists the flags. The routes are in [`app`]; their contract is kept stable.

mod bodies;
mod cookies;
mod delivery;
mod flags;
mod pages;
mod rendered;
mod security;
mod sockets;
mod typed;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use waterspout::{Application, HttpServer, Result, RoomHub, UnixMesh};

use self::flags::Flags;

/// Every route of the testbed.
fn app(flags: &Flags, hub: &RoomHub) -> Application {
    let app = delivery::add_to(Application::new(()), flags);
    let app = typed::add_to(rendered::add_to(app));
    security::add_to(app, flags)
        .get("/", pages::plaintext)
        .get("/plaintext", pages::plaintext)
        .get("/json", pages::json)
        .get("/page", pages::listing)
        .get("/user/{id}", pages::user)
        .get("/headers", pages::headers)
        .get("/slow", pages::slow)
        .get("/sse", pages::sse)
        .get("/status/{code}", pages::status)
        .get("/redirect/{n}", pages::redirect)
        .get("/error", pages::error)
        .route("/method", pages::Method)
        .post("/echo", bodies::echo)
        .put("/echo", bodies::echo)
        .get("/args", bodies::arguments)
        .post("/args", bodies::arguments)
        .post("/form", bodies::form)
        .get("/chunked", bodies::chunked)
        .get("/bytes/{n}", bodies::bytes)
        .put("/upload", bodies::upload)
        .stream_body()
        .post("/nobody", bodies::nobody)
        .stream_body()
        .websocket_with("/ws", sockets::config(), sockets::echo)
        .websocket_with("/ws/deflate", sockets::deflate(), sockets::echo)
        .websocket_handler("/ws/class", sockets::Echo)
        .websocket_with("/ws/room/{name}", sockets::config(), sockets::room(hub))
        .websocket_with("/ws/slow", sockets::config(), sockets::slow)
        .get("/cookies", cookies::show)
        .get("/cookies/set", cookies::set)
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    flags::log_to_stderr();
    match serve(&flags) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("testbed: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn serve(flags: &Flags) -> Result {
    let settings = flags.clone();
    let mut hub = RoomHub::new();
    if let Some(directory) = &flags.rooms {
        hub = hub.backplane(UnixMesh::new(directory));
    }
    let mut server = HttpServer::new(move || app(&settings, &hub))
        .config(flags.config())
        .workers(flags.workers)
        .listen((flags.address.as_str(), flags.port))?;
    if let Some(path) = &flags.unix {
        server = server.listen_unix(path)?;
    }
    if let Some(processes) = flags.processes {
        server = server.processes(processes);
    }
    if let Some(proxies) = flags.proxies() {
        server = server.proxy_protocol(proxies);
    }
    let mut scheme = "http";
    if let Some(config) = flags.tls() {
        server = server.tls(&config)?;
        scheme = "https";
    }
    for address in server.addresses() {
        if let Some(port) = address.port() {
            println!("listening on {scheme}://{}:{port}", flags.url_host());
        }
    }
    std::io::stdout().flush()?;
    server.run()
}
