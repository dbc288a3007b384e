//! A room as an event stream.

use super::listener::{Heard, Listener};
use crate::error::Result;
use crate::sse::{EventStream, ServerEvent};

impl<S> EventStream<'_, S> {
    /// Sends what a listener hears, until the server drains: each message is an event whose id is its
    /// position in the room, so that a client which connects again can go on where it was. Messages
    /// that the client missed, since it read too slowly, are told by an event `missed` with their
    /// number.
    ///
    /// # Errors
    ///
    /// Fails if the client is gone.
    ///
    /// # Cancel safety
    ///
    /// A message that was taken from the listener when the future is dropped may be lost.
    ///
    /// # Examples
    ///
    /// ```
    /// use waterspout::{Application, Context, Result, Rooms};
    ///
    /// async fn news(cx: &mut Context<Rooms>) -> Result {
    ///     let room = cx.app().room("news")?;
    ///     let mut events = cx.event_stream()?;
    ///     let seen = events.last_event_id().and_then(|id| id.parse().ok());
    ///     let (mut listener, _complete) = room.listen_after(seen)?;
    ///     events.feed(&mut listener).await
    /// }
    ///
    /// let app = Application::new(Rooms::new()).get("/news", news);
    /// # drop(app);
    /// ```
    pub async fn feed(&mut self, listener: &mut Listener) -> Result {
        while let Some(heard) = self.wait(listener.recv()).await? {
            let event = match heard {
                Heard::Message(recorded) => {
                    let text = recorded.message.to_message().to_string();
                    ServerEvent::new(text).id(recorded.position.to_string())
                }
                Heard::Missed(count) => ServerEvent::new(count.to_string()).name("missed"),
            };
            self.send(event).await?;
        }
        Ok(())
    }
}
