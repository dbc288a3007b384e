//! Talks to an echo and checks what comes back:
//! `cargo run --example websocket_echo -- ws://localhost:8888/ws`, with the testbed on the other side.

use std::process::ExitCode;

use clap::Parser;
use waterspout::net::IoLoop;
use waterspout::{CloseCode, CompressionOptions, Message, WebSocketRequest, websocket_connect};

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// The lengths at which the head of a frame changes, and one of several reads.
const LENGTHS: [usize; 10] = [0, 1, 31, 32, 125, 126, 127, 65_535, 65_536, 300_000];

/// Sends messages of every kind to a server that sends them back.
#[derive(Debug, Parser)]
struct Flags {
    /// The server, as ws://localhost:8888/ws.
    url: String,
    /// Offer compression.
    #[arg(long)]
    deflate: bool,
    /// Keep the context of compression from message to message.
    #[arg(long)]
    keep: bool,
}

fn main() -> ExitCode {
    let flags = Flags::parse();
    let talked = IoLoop::new().map_err(Into::into);
    match talked.and_then(|io_loop| io_loop.run_sync(talk(&flags))) {
        Ok(messages) => {
            println!("{messages} messages came back as they were sent");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("websocket_echo: {error}");
            ExitCode::FAILURE
        }
    }
}

fn messages() -> Vec<Message> {
    let mut all = vec![Message::from("Grüße, 世界 🌪")];
    for length in LENGTHS {
        all.push("x".repeat(length).into());
        let octets: Vec<u8> = (0u8..=255).cycle().take(length).collect();
        all.push(octets.into());
    }
    all
}

/// Returns how many messages were sent and came back.
async fn talk(flags: &Flags) -> Result<usize> {
    let options = CompressionOptions::default().context_takeover(flags.keep);
    let request = WebSocketRequest::new(flags.url.as_str())
        .compression_options(flags.deflate.then_some(options));
    let mut ws = websocket_connect(request).await?;
    if flags.deflate && !ws.headers().contains("Sec-WebSocket-Extensions") {
        return Err("the server takes no compression".into());
    }
    let messages = messages();
    for message in &messages {
        ws.send(message.clone()).await?;
        if ws.recv().await.as_ref() != Some(message) {
            let length = message.len();
            return Err(format!("a message of {length} octets did not come back").into());
        }
    }
    ws.ping("are you there")?;
    ws.close(CloseCode::from(3001), "enough");
    while ws.recv().await.is_some() {}
    match ws.close_code() {
        // Most answer with the code they were told, some with 1000.
        Some(code) if [CloseCode::from(3001), CloseCode::NORMAL].contains(&code) => {
            Ok(messages.len())
        }
        code => Err(format!("closed with {code:?}").into()),
    }
}

#[cfg(test)]
mod tests {
    use waterspout::testing::serve;
    use waterspout::{Application, WebSocket};

    use super::*;

    fn talk_to(
        answer: impl AsyncFn(Message) -> Message + 'static,
        flags: [bool; 2],
    ) -> Result<usize> {
        let [deflate, keep] = flags;
        let options = CompressionOptions::default().context_takeover(true);
        let config = waterspout::WebSocketConfig::default().compression_options(Some(options));
        let echo = async move |ws: &mut WebSocket| {
            while let Some(message) = ws.recv().await? {
                ws.send(answer(message).await).await?;
            }
            Ok(())
        };
        let app = Application::new(()).websocket_with("/", config, echo);
        IoLoop::new()?.run_sync(async {
            let url = serve(app).ws_url("/");
            talk(&Flags { url, deflate, keep }).await
        })
    }

    #[test]
    fn every_message_comes_back() {
        for flags in [[false, false], [true, false], [true, true]] {
            assert_eq!(talk_to(async |message| message, flags).unwrap(), 21);
        }
    }

    #[test]
    fn another_message_is_noticed() {
        let wrong = talk_to(async |_| Message::from("x"), [false, false]);
        assert!(wrong.unwrap_err().to_string().contains("did not come back"));
    }
}
