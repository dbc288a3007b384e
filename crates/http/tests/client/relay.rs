//! Proxies that really connect: one for CONNECT, one for SOCKS 5.

use std::cell::RefCell;
use std::io;
use std::net::Ipv4Addr;
use std::rc::Rc;

use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use waterspout_net::IoLoop;

/// A running proxy, which connects to this machine whatever name it is given.
pub(crate) struct Relay {
    pub(crate) port: u16,
    /// What clients said before their octets were relayed: heads, or messages of SOCKS.
    pub(crate) heard: Rc<RefCell<Vec<Vec<u8>>>>,
}

#[derive(Clone, Copy)]
pub(crate) enum Speaks {
    Connect,
    Socks { password: bool },
}

pub(crate) async fn relay(speaks: Speaks) -> Relay {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let relay = Relay {
        port: listener.local_addr().unwrap().port(),
        heard: Rc::default(),
    };
    let heard = Rc::clone(&relay.heard);
    IoLoop::current().spawn_callback(async move {
        loop {
            let (client, _) = listener.accept().await?;
            let heard = Rc::clone(&heard);
            IoLoop::current().spawn_callback(async move {
                // What a client breaks off is its own affair.
                _ = match speaks {
                    Speaks::Connect => connect(client, &heard).await,
                    Speaks::Socks { password } => socks(client, password, &heard).await,
                };
            });
        }
        #[expect(unreachable_code, reason = "it gives the block its type")]
        Ok::<(), io::Error>(())
    });
    relay
}

async fn connect(mut client: TcpStream, heard: &RefCell<Vec<Vec<u8>>>) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.read_u8().await?);
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    heard.borrow_mut().push(head);
    let authority = text.split(' ').nth(1).unwrap_or_default();
    let port = authority
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok());
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await?;
    client
        .write_all(b"HTTP/1.1 200 Established\r\n\r\n")
        .await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn socks(
    mut client: TcpStream,
    password: bool,
    heard: &RefCell<Vec<Vec<u8>>>,
) -> io::Result<()> {
    let mut said = Vec::new();
    let methods = read(&mut client, &mut said, 2).await?[1];
    read(&mut client, &mut said, methods.into()).await?;
    client.write_all(&[5, if password { 2 } else { 0 }]).await?;
    if password {
        let user = read(&mut client, &mut said, 2).await?[1];
        let rest = read(&mut client, &mut said, usize::from(user) + 1).await?;
        let password = rest.last().copied().unwrap_or_default();
        read(&mut client, &mut said, password.into()).await?;
        client.write_all(&[1, 0]).await?;
    }
    let kind = read(&mut client, &mut said, 4).await?[3];
    let address = match kind {
        1 => 4,
        4 => 16,
        _ => read(&mut client, &mut said, 1).await?[0].into(),
    };
    read(&mut client, &mut said, address).await?;
    let port = read(&mut client, &mut said, 2).await?;
    heard.borrow_mut().push(said);
    let port = u16::from_be_bytes([port[0], port[1]]);
    let mut server = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    client.write_all(&[5, 0, 0, 3, 1, b'x', 0, 1]).await?;
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}

async fn read(client: &mut TcpStream, said: &mut Vec<u8>, count: usize) -> io::Result<Vec<u8>> {
    let mut octets = vec![0; count];
    client.read_exact(&mut octets).await?;
    said.extend_from_slice(&octets);
    Ok(octets)
}
