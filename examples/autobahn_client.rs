//! Plays the WebSocket client in Autobahn's test suite, which is the server then:
//! `cargo run --release --example autobahn_client -- ws://127.0.0.1:9001`; see `conformance/websocket`.
//!
//! It asks how many cases there are, echoes what each of them sends, and has the reports written.

use clap::Parser;
use waterspout::net::IoLoop;
use waterspout::{CompressionOptions, WebSocketRequest, websocket_connect};

/// Octets of the largest message of the suite, with room.
const MAX_MESSAGE: usize = 32 * 1024 * 1024;

type Result<T = ()> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Runs every case of a fuzzing server.
#[derive(Debug, Parser)]
struct Flags {
    /// Where the suite listens.
    url: String,
    /// The name in the reports.
    #[arg(long, default_value = "waterspout-client")]
    agent: String,
}

fn main() -> Result {
    let flags = Flags::parse();
    IoLoop::new()?.run_sync(async {
        let cases = count(&flags).await?;
        for case in 1..=cases {
            if let Err(error) = play(&flags, case).await {
                eprintln!("case {case}: {error}");
            }
        }
        let url = format!("{}/updateReports?agent={}", flags.url, flags.agent);
        let mut ws = websocket_connect(url).await?;
        while ws.recv().await.is_some() {}
        println!("{cases} cases");
        Ok(())
    })
}

/// Asks for the number of cases.
async fn count(flags: &Flags) -> Result<usize> {
    let mut ws = websocket_connect(format!("{}/getCaseCount", flags.url)).await?;
    let answer = ws.recv().await.ok_or("no number of cases came")?;
    Ok(answer.to_string().parse()?)
}

/// Sends back whatever the case sends, until it closes.
async fn play(flags: &Flags, case: usize) -> Result {
    let url = format!("{}/runCase?case={case}&agent={}", flags.url, flags.agent);
    let options = CompressionOptions::default()
        .context_takeover(true)
        .threshold(0);
    let request = WebSocketRequest::new(url)
        .compression_options(Some(options))
        .max_message_size(MAX_MESSAGE);
    let mut ws = websocket_connect(request).await?;
    while let Some(message) = ws.recv().await {
        if ws.send(message).await.is_err() {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use waterspout::testing::serve;
    use waterspout::{Application, Message, WebSocket};

    use super::*;

    #[test]
    fn every_case_gets_its_echo() {
        let echoes = Rc::new(Cell::new(0));
        let seen = Rc::clone(&echoes);
        let app = Application::new(())
            .websocket("/getCaseCount", async |ws: &mut WebSocket| {
                ws.send("2").await
            })
            .websocket("/runCase", async move |ws: &mut WebSocket| {
                let case = ws.argument("case")?.unwrap_or_default();
                ws.send(case.as_str()).await?;
                if ws.recv().await? == Some(Message::from(case)) {
                    seen.set(seen.get() + 1);
                }
                Ok(())
            });
        IoLoop::new().unwrap().run_sync(async {
            let flags = Flags {
                url: serve(app).ws_url(""),
                agent: "test".to_owned(),
            };
            assert_eq!(count(&flags).await.unwrap(), 2);
            for case in [1, 2] {
                play(&flags, case).await.unwrap();
            }
        });
        assert_eq!(echoes.get(), 2);
    }
}
