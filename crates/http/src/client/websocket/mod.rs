//! WebSockets from the client's side: Tornado's `websocket_connect`.

mod connect;
mod connection;
mod driver;
mod request;

pub use connect::websocket_connect;
pub use connection::WebSocketClientConnection;
pub use request::WebSocketRequest;
