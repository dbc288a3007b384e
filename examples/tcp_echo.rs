//! An echo server and its client: `cargo run --example tcp_echo -- server 9000`, then
//! `cargo run --example tcp_echo -- client 9000 "hello there"`.

use std::env;
use std::error::Error;
use std::net::{Ipv4Addr, SocketAddr};

use waterspout::net::{BindOptions, IoLoop, IoStream, PeerAddr, StreamError, TcpServer};

/// Octets that a line may have.
const LONGEST: usize = 64 * 1024;

/// Answers each line with itself, until the client goes away.
async fn echo(mut stream: IoStream, peer: PeerAddr) -> Result<(), StreamError> {
    println!("{peer} is here");
    loop {
        match stream.read_until(b"\n", LONGEST).await {
            Ok(line) => stream.write_bytes(line).await?,
            Err(StreamError::Closed(None)) => break,
            Err(error) => return Err(error),
        }
    }
    println!("{peer} has gone");
    Ok(())
}

/// Listens on `port`, 0 for any free one.
fn serve(port: u16) -> std::io::Result<SocketAddr> {
    let server = TcpServer::new(echo).bind_options(BindOptions::default().address("127.0.0.1"));
    server.listen(port)?;
    let port = server.local_addrs()[0].port().unwrap_or(port);
    Ok((Ipv4Addr::LOCALHOST, port).into())
}

/// Sends one line and returns the answer.
async fn ask(server: SocketAddr, line: &str) -> Result<String, StreamError> {
    let mut stream = IoStream::connect_tcp(server).await?;
    stream.write(format!("{line}\n").as_bytes()).await?;
    let answer = stream.read_until(b"\n", LONGEST).await?;
    stream.close().await;
    Ok(String::from_utf8_lossy(answer.trim_ascii_end()).into_owned())
}

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let io_loop = IoLoop::new()?;
    match words[..] {
        ["server", port] => {
            let port = port.parse()?;
            let address = io_loop.run_sync(async { serve(port) })?;
            println!("listening on {address}");
            io_loop.start();
        }
        ["client", port, line] => {
            let server = (Ipv4Addr::LOCALHOST, port.parse()?).into();
            println!("{}", io_loop.run_sync(ask(server, line))?);
        }
        _ => return Err("usage: tcp_echo server PORT | client PORT LINE".into()),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_client_gets_its_line_back() {
        IoLoop::new().unwrap().run_sync(async {
            let server = serve(0).unwrap();
            for line in ["hello there", ""] {
                assert_eq!(ask(server, line).await.unwrap(), line);
            }
        });
    }
}
