//! An echo server over UDP and its client: `cargo run --example udp_echo -- server 9000`, then
//! `cargo run --example udp_echo -- client 9000 "hello there"`.

use std::env;
use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::time::timeout;
use waterspout::net::{IoLoop, UdpEndpoint};

/// How long the client waits for an answer, and how often it asks.
const PATIENCE: Duration = Duration::from_secs(1);
const ATTEMPTS: u32 = 3;

/// Answers each datagram with itself, for ever.
async fn echo(server: UdpEndpoint) -> io::Result<()> {
    loop {
        let (datagram, from) = server.recv_from().await?;
        println!("{} octets from {from}", datagram.len());
        server.send_to(&datagram, from).await?;
    }
}

/// Datagrams get lost, so the client asks again.
async fn ask(server: SocketAddr, text: &str) -> io::Result<String> {
    let client = UdpEndpoint::connect(server)?;
    for _ in 0..ATTEMPTS {
        client.send(text.as_bytes()).await?;
        if let Ok(answer) = timeout(PATIENCE, client.recv()).await {
            return Ok(String::from_utf8_lossy(&answer?).into_owned());
        }
    }
    Err(io::ErrorKind::TimedOut.into())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let io_loop = IoLoop::new()?;
    match words[..] {
        ["server", port] => {
            let port: u16 = port.parse()?;
            io_loop.run_sync(async {
                let server = UdpEndpoint::bind((Ipv4Addr::LOCALHOST, port).into())?;
                println!("waiting on {}", server.local_addr()?);
                echo(server).await
            })?;
        }
        ["client", port, text] => {
            let server = (Ipv4Addr::LOCALHOST, port.parse()?).into();
            println!("{}", io_loop.run_sync(ask(server, text))?);
        }
        _ => return Err("usage: udp_echo server PORT | client PORT TEXT".into()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_gets_its_datagram_back() {
        IoLoop::new().unwrap().run_sync(async {
            let server = UdpEndpoint::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
            let address = server.local_addr().unwrap();
            IoLoop::current().spawn_callback(echo(server));
            for text in ["hello there", ""] {
                assert_eq!(ask(address, text).await.unwrap(), text);
            }
        });
    }
}
