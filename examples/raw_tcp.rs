//! A server on a bare socket, as one writes it on Tornado's loop: a handler for the listening socket,
//! a loop that accepts, and a stream for each client. `cargo run --example raw_tcp -- 8080`, then
//! `curl http://127.0.0.1:8080/`.

use std::env;
use std::error::Error;
use std::io;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsRawFd;

use waterspout::net::{FdEvents, IoLoop, IoStream, StreamError, WatchedSignal};

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nHello!";

/// Listens on `port`, 0 for any free one, and has the loop watch the socket.
fn listen(io_loop: &IoLoop, port: u16) -> Result<SocketAddr, Box<dyn Error>> {
    let socket = TcpListener::bind((Ipv4Addr::LOCALHOST, port))?;
    socket.set_nonblocking(true)?;
    let address = socket.local_addr()?;
    // The handler owns the socket, so it is open as long as it is watched.
    io_loop.add_handler(&socket.as_raw_fd(), FdEvents::READ, move |fd, _events| {
        if let Err(error) = accept_all(&socket) {
            eprintln!("cannot accept: {error}");
            IoLoop::current().remove_handler(&fd);
        }
    })?;
    Ok(address)
}

/// Accepts until nobody waits any more.
fn accept_all(socket: &TcpListener) -> io::Result<()> {
    loop {
        match socket.accept() {
            Ok((connection, peer)) => {
                println!("{peer} is here");
                IoLoop::current().spawn_callback(greet(connection));
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
            // The client went away while it waited.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            Err(error) => return Err(error),
        }
    }
}

/// Reads the head of a request, whatever it asks for, and says hello.
async fn greet(connection: TcpStream) -> Result<(), StreamError> {
    let mut stream = stream(connection).map_err(|error| StreamError::Closed(Some(error)))?;
    stream.read_until(b"\r\n\r\n", 16 * 1024).await?;
    stream.write(HELLO).await?;
    stream.close().await;
    Ok(())
}

fn stream(connection: TcpStream) -> io::Result<IoStream> {
    connection.set_nonblocking(true)?;
    Ok(IoStream::from_tcp(tokio::net::TcpStream::from_std(
        connection,
    )?))
}

fn main() -> Result<(), Box<dyn Error>> {
    let port = env::args().nth(1).map_or(Ok(8080), |text| text.parse())?;
    let io_loop = IoLoop::new()?;
    println!("listening on {}", listen(&io_loop, port)?);
    io_loop.add_signal_handler(WatchedSignal::INTERRUPT, || IoLoop::current().stop())?;
    io_loop.start();
    println!("exited cleanly");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_client_gets_a_hello() {
        let io_loop = IoLoop::new().unwrap();
        let address = listen(&io_loop, 0).unwrap();
        io_loop.run_sync(async {
            for _ in 0..3 {
                let connection = tokio::net::TcpStream::connect(address).await.unwrap();
                let mut client = IoStream::from_tcp(connection);
                client.write(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
                assert_eq!(client.read_until_close().await.unwrap(), HELLO);
            }
        });
    }

    #[test]
    fn clients_that_came_before_the_loop_ran_are_accepted_too() {
        let io_loop = IoLoop::new().unwrap();
        let address = listen(&io_loop, 0).unwrap();
        let clients: Vec<_> = (0..5)
            .map(|_| TcpStream::connect(address).unwrap())
            .collect();
        io_loop.run_sync(async {
            for client in clients {
                let mut client = stream(client).unwrap();
                client.write(b"\r\n\r\n").await.unwrap();
                assert_eq!(client.read_until_close().await.unwrap(), HELLO);
            }
        });
    }
}
