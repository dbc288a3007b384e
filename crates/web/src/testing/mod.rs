//! What tests of an application need: a server on a free port, and clients for it.
//!
//! Everything runs on the loop of the test, with real sockets. What a test waits for may take 5
//! seconds; then it fails with a text that says what did not come.
//!
//! | | |
//! |---|---|
//! | [`serve`] | an application on a free port; [`TestServer`] fetches from it |
//! | [`TestBrowser`] | a client that keeps cookies: [`TestServer::browser`] |
//! | [`TestResponse`] | what came, with checks that show all of it where they fail |
//! | [`TestSocket`] | a WebSocket that asserts |
//! | [`TestPeer`] | octets as they are, and faults: half a request, a slow reader, a reset |
//! | [`expect_log`] | a line that the log has to have |
//! | `IoLoop::new_paused` | (feature `test-util`) a clock that jumps to the next timer: hours take no time |
//!
//! # Examples
//!
//! ```
//! use waterspout::net::IoLoop;
//! use waterspout::testing::serve;
//! use waterspout::{Application, CloseCode, Result, WebSocket};
//!
//! async fn echo(ws: &mut WebSocket) -> Result {
//!     while let Some(message) = ws.recv().await? {
//!         ws.send(message).await?;
//!     }
//!     Ok(())
//! }
//!
//! let app = Application::new(()).websocket("/echo", echo).get("/", async |_: &mut _| "hello");
//! IoLoop::new()?.run_sync(async {
//!     let server = serve(app);
//!     assert_eq!(server.get("/").await.text(), "hello");
//!
//!     let mut ws = server.websocket("/echo").await;
//!     ws.send("Grüße").await;
//!     ws.expect_text("Grüße").await;
//!     ws.close(CloseCode::NORMAL, "bye");
//!     ws.expect_close(CloseCode::NORMAL).await;
//! });
//! # Ok::<(), std::io::Error>(())
//! ```

mod browser;
mod log;
mod peer;
mod response;
mod server;
mod socket;

pub use browser::TestBrowser;
pub use log::{ExpectLog, expect_log};
pub use peer::TestPeer;
pub use response::TestResponse;
pub use server::{TestServer, serve, serve_with};
pub use socket::TestSocket;

use std::time::Duration;

/// What a test waits for at the most: Tornado's default.
const TIMEOUT: Duration = Duration::from_secs(5);
