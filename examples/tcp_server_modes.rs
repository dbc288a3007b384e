//! The three ways to run a server: `cargo run --example tcp_server_modes -- listen 9000`, or `start`
//! or `add-sockets` in place of `listen`, which take the number of processes after the port. Then
//! `nc 127.0.0.1 9000` greets you. SIGTERM or Ctrl-C ends it.

use std::env;
use std::error::Error;
use std::io;

use waterspout::net::{
    BindOptions, ForkOutcome, IoLoop, IoStream, MAX_RESTARTS, PeerAddr, ShutdownSignals,
    StreamError, TcpServer, bind_sockets, fork_processes, task_id,
};

/// Says which worker answers.
async fn greet(mut stream: IoStream, _peer: PeerAddr) -> Result<(), StreamError> {
    let greeting = match task_id() {
        Some(task) => format!("hello from worker {task}\n"),
        None => "hello from the only process\n".to_owned(),
    };
    stream.write(greeting.as_bytes()).await
}

fn local() -> BindOptions {
    BindOptions::default().address("127.0.0.1")
}

/// One process: `listen` inside the loop.
fn listen(port: u16) -> io::Result<()> {
    let server = TcpServer::new(greet).bind_options(local());
    let io_loop = IoLoop::new()?;
    io_loop.run_sync(async { server.listen(port) })?;
    serve(&io_loop, &server)
}

/// Several processes, the short way: `bind` and `start`.
fn start(port: u16, processes: usize) -> io::Result<()> {
    let server = TcpServer::new(greet).bind_options(local());
    server.bind(port)?;
    match server.start(processes)? {
        Some(io_loop) => serve(&io_loop, &server),
        None => Ok(()),
    }
}

/// Several processes, step by step: sockets, fork, and a loop in each worker.
fn add_sockets(port: u16, processes: usize) -> io::Result<()> {
    let sockets = bind_sockets(port, local())?;
    if fork_processes(processes, MAX_RESTARTS)? == ForkOutcome::Ended {
        return Ok(());
    }
    let io_loop = IoLoop::new()?;
    let server = TcpServer::new(greet);
    io_loop.run_sync(async { server.add_sockets(sockets) })?;
    serve(&io_loop, &server)
}

/// Runs a worker until it is asked to stop.
fn serve<H>(io_loop: &IoLoop, server: &TcpServer<H>) -> io::Result<()> {
    io_loop.run_sync(async {
        // Before anybody is told that this worker is there, and may stop it.
        let mut signals = ShutdownSignals::install()?;
        for address in server.local_addrs() {
            println!("listening on {address}");
        }
        signals.recv().await;
        server.stop();
        Ok(())
    })
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["listen", port] => listen(port.parse()?)?,
        ["start", port, processes] => start(port.parse()?, processes.parse()?)?,
        ["add-sockets", port, processes] => add_sockets(port.parse()?, processes.parse()?)?,
        _ => {
            let usage = "usage: tcp_server_modes listen PORT | start PORT N | add-sockets PORT N";
            return Err(usage.into());
        }
    }
    Ok(())
}
