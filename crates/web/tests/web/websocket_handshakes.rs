//! Which pages may open a WebSocket.

use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::support::with_server;
use crate::websockets::echoing;

#[test]
fn an_origin_is_compared_with_its_port_and_without_case() {
    with_server(echoing(), async |client| {
        for (host, origin, status) in [
            ("test", "http://test", "101"),
            ("test:80", "http://test", "101"),
            ("test", "http://test:80", "101"),
            ("Test:8888", "http://TEST:8888", "101"),
            ("test:8888", "http://test:8888/page", "101"),
            ("test:443", "https://test", "101"),
            ("[::1]:8888", "http://[::1]:8888", "101"),
            ("test:8888", "http://test", "403"),
            ("test", "http://test:8888", "403"),
            ("test", "http://sub.test", "403"),
            ("sub.test", "http://test", "403"),
            ("test", "http://test.evil", "403"),
            ("test", "http://evil/test", "403"),
            ("test", "http://evil@test", "403"),
            ("test", "test", "403"),
            ("test", "null", "403"),
            ("test", "http://test\r\nOrigin: http://test", "403"),
        ] {
            let head = format!(
                "GET /ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                 Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
                 Origin: {origin}\r\n\r\n"
            );
            let mut stream = client.connect().await;
            stream.write_all(head.as_bytes()).await.unwrap();
            let mut answer = [0; 12];
            stream.read_exact(&mut answer).await.unwrap();
            assert_eq!(&answer[9..], status.as_bytes(), "{origin} at {host}");
        }
    });
}
