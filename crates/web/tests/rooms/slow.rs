//! Members that do not read.

use waterspout::{Application, Result, Rooms, SlowConsumer, WebSocket, WebSocketConfig};

use crate::support::{Peer, chat, with_rooms};

/// Joins; who says `go` has so many messages of 50 KB sent to the room, under ten keys.
async fn flood(ws: &mut WebSocket<Rooms>) -> Result {
    let room = ws.app().join("a", ws)?;
    ws.send("joined").await?;
    while let Some(message) = ws.recv().await? {
        let count: usize = message.to_string().parse()?;
        for number in 0..count {
            let text = format!("{number:050000}");
            room.send_keyed(&(number % 10).to_string(), text)?;
        }
        room.send_keyed("end", "end")?;
    }
    Ok(())
}

fn routes(policy: SlowConsumer) -> impl FnOnce(Application<Rooms>) -> Application<Rooms> {
    let slow = WebSocketConfig::default().slow_consumer(policy);
    let patient = WebSocketConfig::default().max_queue_size(1 << 30);
    move |app| {
        app.websocket_with("/slow", slow, flood)
            .websocket_with("/fast", patient, flood)
    }
}

/// Has 15 MB sent to one who reads and one who does not at first, and returns what that one reads.
async fn numbers_after_flood(port: u16) -> (Vec<usize>, (u8, Vec<u8>)) {
    let mut slow = Peer::join(port, "/slow").await;
    let mut fast = Peer::join(port, "/fast").await;
    fast.say("300").await;
    for number in 0..300 {
        assert_eq!(fast.text().await.parse::<usize>().unwrap(), number);
    }
    fast.expect_text("end").await;
    let mut numbers = Vec::new();
    loop {
        let (first, payload) = slow.frame().await;
        match String::from_utf8_lossy(&payload).parse() {
            Ok(number) => numbers.push(number),
            Err(_) => return (numbers, (first, payload)),
        }
    }
}

#[test]
fn one_that_does_not_read_is_closed_with_1013_and_holds_up_nobody() {
    for policy in [SlowConsumer::Wait, SlowConsumer::Close] {
        with_rooms(Rooms::new(), routes(policy), async |port, rooms| {
            let (numbers, last) = numbers_after_flood(port).await;
            assert_eq!(numbers, (0..numbers.len()).collect::<Vec<_>>());
            assert!(numbers.len() < 300);
            assert_eq!(last, (0x88, b"\x03\xf5peer is too slow".to_vec()));
            assert_eq!(rooms.members("a"), 1);
        });
    }
}

#[test]
fn the_oldest_messages_go_if_that_is_the_policy() {
    with_rooms(
        Rooms::new(),
        routes(SlowConsumer::DropOldest),
        async |port, _| {
            let (numbers, last) = numbers_after_flood(port).await;
            assert!(numbers.is_sorted() && numbers.len() < 300, "{numbers:?}");
            assert_eq!(numbers.last(), Some(&299));
            assert_eq!(last, (0x81, b"end".to_vec()));
        },
    );
}

#[test]
fn a_key_replaces_what_waits_under_it() {
    with_rooms(
        Rooms::new(),
        routes(SlowConsumer::Coalesce),
        async |port, _| {
            let (numbers, last) = numbers_after_flood(port).await;
            // Each stands where the first of its key stood.
            let mut newest = numbers[numbers.len() - 10..].to_vec();
            newest.sort_unstable();
            assert_eq!(newest, (290..300).collect::<Vec<_>>());
            assert!(numbers.len() < 300);
            assert_eq!(last, (0x81, b"end".to_vec()));
        },
    );
}

#[test]
fn two_that_wait_for_room_do_not_close_a_slow_member_between_them() {
    let routes = |app: Application<Rooms>| {
        let config = WebSocketConfig::default().max_queue_size(100_000);
        app.websocket_with("/{room}", config, chat)
    };
    with_rooms(Rooms::new(), routes, async |port, rooms| {
        let mut slow = Peer::join(port, "/a").await;
        let room = rooms.room("a").unwrap();
        let sending = async || {
            for _ in 0..200 {
                room.send_when_ready("x".repeat(60_000)).await.unwrap();
            }
        };
        let reading = async {
            for _ in 0..400 {
                assert_eq!(slow.text().await.len(), 60_000);
            }
        };
        tokio::join!(sending(), sending(), reading);
    });
}
