//! Idle connections, for the rows about memory.

use std::io::{BufRead, Read, Result, Write};

use crate::options::Options;
use crate::probe::Probe;
use crate::tls::Opening;

/// Requests under way at a time while the connections are opened.
const WINDOW: usize = 64;

/// Opens all connections with one request each, says `held N`, and obeys stdin until it ends.
///
/// # Errors
///
/// When a connection is refused or closed, or its response does not come.
pub(crate) fn run(options: &Options, probe: &Probe) -> Result<()> {
    let opening = Opening::new(options)?;
    let mut streams = Vec::with_capacity(options.connections);
    while streams.len() < options.connections {
        let first = streams.len();
        for index in first..options.connections.min(first + WINDOW) {
            streams.push(opening.ready(options, index as u64)?);
        }
        exchange(&mut streams[first..], probe)?;
    }
    say_held(streams.len())?;
    for line in std::io::stdin().lock().lines() {
        if line?.trim() == "again" {
            exchange(&mut streams, probe)?;
            say_held(streams.len())?;
        }
    }
    Ok(())
}

fn exchange(streams: &mut [impl Read + Write], probe: &Probe) -> Result<()> {
    let mut response = vec![0; probe.length];
    for stream in &mut *streams {
        stream.write_all(&probe.request)?;
    }
    for stream in streams {
        stream.read_exact(&mut response)?;
    }
    Ok(())
}

fn say_held(number: usize) -> Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "held {number}")?;
    out.flush()
}
