//! The load client: it sends fixed requests over loopback and counts the bytes that come back.
//!
//! It reads the first response in full and checks it; after that every response has the same length,
//! so the client only counts bytes and costs next to nothing on the core it shares with the server. Of
//! compressed messages it counts the frames.
//! It ends by itself and prints one line of JSON. `--help` lists the flags.

mod broadcast;
mod connect;
mod cpu;
mod exchange;
mod frames;
mod hold;
mod keep_alive;
mod limit;
mod listen;
mod options;
mod per_request;
mod probe;
mod request;
mod tls;
mod websocket;
mod zlib;

use std::time::Instant;

use cpu::Clock;
use limit::Limit;
use options::{Mode, Options};

fn main() -> std::io::Result<()> {
    let mut options = Options::from_args();
    if options.mode == Mode::Listen {
        return listen::run(&options);
    }
    if options.mode == Mode::Zlib {
        options.pid = Some(std::process::id());
        let mut load = zlib::Load::new(&options);
        return measure(&options, &load.probe(), |limit| load.run(limit));
    }
    let probe = probe::first_response(&options)?;
    match options.mode {
        Mode::Hold | Mode::Listen | Mode::Zlib => hold::run(&options, &probe),
        Mode::Broadcast => {
            let mut load = broadcast::Load::new(&options, &probe)?;
            measure(&options, &probe, |limit| load.run(limit))
        }
        Mode::KeepAlive => {
            let mut load = keep_alive::Load::new(&options, &probe)?;
            measure(&options, &probe, |limit| load.run(limit))
        }
        Mode::PerRequest => {
            let mut load = per_request::Load::new(&options, &probe)?;
            measure(&options, &probe, |limit| load.run(limit))
        }
    }
}

fn measure(
    options: &Options,
    probe: &probe::Probe,
    mut run: impl FnMut(&mut Limit) -> std::io::Result<u64>,
) -> std::io::Result<()> {
    run(&mut Limit::requests(options.warmup))?;
    let mut limit = match options.seconds {
        Some(seconds) => Limit::seconds(seconds),
        None => Limit::requests(options.requests),
    };
    let server = Clock::of(options.pid)?;
    let start = Instant::now();
    let requests = run(&mut limit)?;
    let nanos = start.elapsed().as_nanos();
    let cpu = server.elapsed()?;
    println!(
        "{{\"requests\": {requests}, \"nanos\": {nanos}, \"server_cpu_nanos\": {cpu}, \
         \"response_bytes\": {}, \"request_bytes\": {}}}",
        probe.length,
        probe.request.len(),
    );
    Ok(())
}
