//! Memory of rooms, in a process of its own: other tests would show in the figures.

#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

use std::fs;

use waterspout::{Application, Result, RoomHub, Rooms, WebSocket};

use crate::support::{Peer, with_rooms};

#[allow(dead_code, reason = "shared with other tests, which use all of it")]
#[path = "../rooms/support.rs"]
mod support;

/// Joins and leaves as often as it is told, each time another room or always the same.
async fn restless(ws: &mut WebSocket<Rooms>) -> Result {
    while let Some(count) = ws.recv().await? {
        for number in 0..count.to_string().parse::<u32>()? {
            let one = ws.app().room(&format!("room {number}"))?;
            let (member, again) = (one.join_as("me", ws)?, ws.app().join("same", ws)?);
            member.send_others("not to me")?;
            drop((member, again));
        }
        ws.send("done").await?;
    }
    Ok(())
}

/// Resident memory in KiB.
fn resident() -> usize {
    let text = fs::read_to_string("/proc/self/statm").unwrap();
    let pages: usize = text.split(' ').nth(1).unwrap().parse().unwrap();
    pages * 4
}

#[test]
fn a_hundred_thousand_joins_and_leaves_leave_nothing() {
    let hub = RoomHub::new();
    let routes = |app: Application<Rooms>| app.websocket("/", restless);
    let shared = hub.clone();
    with_rooms(hub.rooms(), routes, async move |port, rooms| {
        let mut peer = Peer::open(port, "/").await;
        peer.say("1000").await;
        peer.expect_text("done").await;
        let before = resident();
        peer.say("100000").await;
        peer.expect_text("done").await;
        assert!(
            resident() < before + 16 * 1024,
            "{before} KiB before, {} after",
            resident()
        );
        assert!(rooms.is_empty() && shared.is_empty());
    });
}
