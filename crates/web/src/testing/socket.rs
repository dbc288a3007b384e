//! A WebSocket with assertions.

use serde::Serialize;
use serde::de::DeserializeOwned;
use waterspout_http::client::WebSocketClientConnection;
use waterspout_http::ws::{CloseCode, Message};

use super::TIMEOUT;

/// The client's end of a WebSocket, for tests: what does not come, or is something else, fails the
/// test.
#[derive(Debug)]
pub struct TestSocket {
    connection: WebSocketClientConnection,
}

impl TestSocket {
    /// Wraps a connection, such as one from
    /// [`TestServer::try_websocket`](super::TestServer::try_websocket).
    #[must_use]
    pub fn new(connection: WebSocketClientConnection) -> Self {
        Self { connection }
    }

    /// Returns the connection.
    #[must_use]
    pub fn connection(&mut self) -> &mut WebSocketClientConnection {
        &mut self.connection
    }

    /// Sends a message.
    ///
    /// # Panics
    ///
    /// Panics if the WebSocket is closed.
    pub async fn send(&mut self, message: impl Into<Message>) {
        if let Err(error) = self.connection.send(message).await {
            panic!("cannot send: {error} ({})", self.ending());
        }
    }

    /// Sends a value as JSON text.
    ///
    /// # Panics
    ///
    /// Panics if the WebSocket is closed or the value is none for JSON.
    pub async fn send_json<T: Serialize>(&mut self, value: &T) {
        if let Err(error) = self.connection.send_json(value).await {
            panic!("cannot send: {error} ({})", self.ending());
        }
    }

    /// Returns the next message, or `None` once the WebSocket is closed.
    ///
    /// # Panics
    ///
    /// Panics if neither comes in 5 seconds.
    pub async fn recv(&mut self) -> Option<Message> {
        let received = tokio::time::timeout(TIMEOUT, self.connection.recv()).await;
        received.expect("a message comes in time, or the WebSocket closes")
    }

    /// Expects a text message.
    ///
    /// # Panics
    ///
    /// Panics if something else comes, or nothing.
    pub async fn expect_text(&mut self, text: &str) {
        let message = self.expect_message().await;
        assert_eq!(message, Message::from(text));
    }

    /// Expects a binary message.
    ///
    /// # Panics
    ///
    /// Panics if something else comes, or nothing.
    pub async fn expect_binary(&mut self, octets: &[u8]) {
        let message = self.expect_message().await;
        assert_eq!(message, Message::from(octets));
    }

    /// Expects JSON of a shape and returns it.
    ///
    /// # Panics
    ///
    /// Panics if something else comes, or nothing.
    pub async fn expect_json<T: DeserializeOwned>(&mut self) -> T {
        let message = self.expect_message().await;
        match serde_json::from_slice(message.as_bytes()) {
            Ok(value) => value,
            Err(error) => panic!("{message:?} is not the JSON it should be: {error}"),
        }
    }

    /// Expects the end of the WebSocket, with no message before it.
    ///
    /// # Panics
    ///
    /// Panics if a message comes, nothing ends, or the code is another.
    pub async fn expect_close(&mut self, code: CloseCode) {
        if let Some(message) = self.recv().await {
            panic!("expected the end, got {message:?}");
        }
        assert_eq!(
            self.connection.close_code(),
            Some(code),
            "{}",
            self.ending()
        );
    }

    /// Begins the closing handshake.
    pub fn close(&mut self, code: CloseCode, reason: &str) {
        self.connection.close(code, reason);
    }

    async fn expect_message(&mut self) -> Message {
        match self.recv().await {
            Some(message) => message,
            None => panic!("expected a message: {}", self.ending()),
        }
    }

    fn ending(&self) -> String {
        match self.connection.close_code() {
            Some(code) => {
                let reason = self.connection.close_reason().unwrap_or_default();
                format!("closed with {code} {reason:?}")
            }
            None => "open".to_owned(),
        }
    }
}
