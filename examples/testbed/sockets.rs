//! WebSockets.

use std::time::Duration;

use waterspout::{
    CompressionOptions, Message, Result, RoomHub, WebSocket, WebSocketConfig, WebSocketHandler,
};

/// What the conformance suite needs: messages of 16 MiB.
pub(crate) fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(32 * 1024 * 1024)
}

/// The same with compression; the context is kept where the client does not forbid it.
pub(crate) fn deflate() -> WebSocketConfig {
    let options = CompressionOptions::default()
        .context_takeover(true)
        .threshold(0);
    config().compression_options(Some(options))
}

/// Sends every message back.
pub(crate) async fn echo(ws: &mut WebSocket) -> Result {
    while let Some(message) = ws.recv().await? {
        ws.send(message).await?;
    }
    Ok(())
}

/// Sends every message back, in class form.
#[derive(Clone)]
pub(crate) struct Echo;

impl WebSocketHandler for Echo {
    async fn on_message(&mut self, ws: &mut WebSocket, message: Message) -> Result {
        ws.send(message).await
    }

    fn config(&self) -> WebSocketConfig {
        config()
    }
}

/// A room: what one sends all get.
pub(crate) fn room(hub: &RoomHub) -> impl AsyncFn(&mut WebSocket) -> Result + use<> {
    let rooms = hub.rooms();
    async move |ws: &mut WebSocket| {
        let name: String = ws.path("name")?;
        let room = rooms.join(&name, ws)?;
        while let Some(message) = ws.recv().await? {
            room.send(message)?;
        }
        Ok(())
    }
}

/// Takes one message each tenth of a second and sends it back.
pub(crate) async fn slow(ws: &mut WebSocket) -> Result {
    while let Some(message) = ws.recv().await? {
        tokio::time::sleep(Duration::from_millis(100)).await;
        ws.send(message).await?;
    }
    Ok(())
}
