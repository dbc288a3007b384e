use waterspout::{
    Application, CloseCode, CompressionOptions, Result, Rooms, WebSocket, WebSocketConfig,
};

use crate::support::{DEFLATE, Peer, chat, chatting, with_rooms};

#[test]
fn what_one_sends_all_get_the_sender_too() {
    with_rooms(Rooms::new(), chatting, async |port, _| {
        let mut one = Peer::join(port, "/a").await;
        let mut two = Peer::join(port, "/a").await;
        let mut other = Peer::join(port, "/b").await;
        one.say("hi").await;
        one.expect_text("hi").await;
        two.expect_text("hi").await;
        other.say("there").await;
        other.expect_text("there").await;
    });
}

#[test]
fn binary_messages_stay_binary() {
    let routes = |app: Application<Rooms>| {
        app.websocket("/", async |ws: &mut WebSocket<Rooms>| -> Result {
            let room = ws.app().join("a", ws)?;
            room.send(vec![0, 255])?;
            ws.recv().await.map(|_| ())
        })
    };
    with_rooms(Rooms::new(), routes, async |port, _| {
        let mut peer = Peer::open(port, "/").await;
        assert_eq!(peer.frame().await, (0x82, vec![0, 255]));
    });
}

#[test]
fn send_others_leaves_out_the_sender() {
    let routes = |app: Application<Rooms>| {
        app.websocket("/", async |ws: &mut WebSocket<Rooms>| -> Result {
            let room = ws.app().join("a", ws)?;
            ws.send("joined").await?;
            while let Some(message) = ws.recv().await? {
                room.send("to all")?;
                room.send_others(message)?;
                room.send("to all again")?;
            }
            Ok(())
        })
    };
    with_rooms(Rooms::new(), routes, async |port, _| {
        let mut one = Peer::join(port, "/").await;
        let mut two = Peer::join(port, "/").await;
        one.say("psst").await;
        for wanted in ["to all", "to all again"] {
            one.expect_text(wanted).await;
        }
        for wanted in ["to all", "psst", "to all again"] {
            two.expect_text(wanted).await;
        }
    });
}

/// Sends to the room, to itself, and closes, in one turn of the loop.
async fn last_words(ws: &mut WebSocket<Rooms>) -> Result {
    let room = ws.app().join("a", ws)?;
    room.send("1")?;
    ws.send("2").await?;
    room.send("3")?;
    ws.sender().try_send("4")?;
    room.send("5")?;
    ws.close(CloseCode::NORMAL, "");
    Ok(())
}

#[test]
fn what_a_room_sends_keeps_its_place_among_what_else_is_sent() {
    let routes = |app: Application<Rooms>| app.websocket("/", last_words);
    with_rooms(Rooms::new(), routes, async |port, _| {
        let mut peer = Peer::open(port, "/").await;
        for wanted in ["1", "2", "3", "4", "5"] {
            peer.expect_text(wanted).await;
        }
        assert_eq!(peer.frame().await, (0x88, vec![3, 232]));
    });
}

#[test]
fn who_joins_gets_nothing_that_was_sent_before_and_who_leaves_gets_all_of_it() {
    let routes = |app: Application<Rooms>| {
        app.websocket("/", async |ws: &mut WebSocket<Rooms>| -> Result {
            let rooms = ws.app();
            let room = rooms.room("a")?;
            room.send("before")?;
            let member = room.join(ws)?;
            room.send("within")?;
            drop(member);
            room.send("after")?;
            ws.send("end").await
        })
    };
    with_rooms(Rooms::new(), routes, async |port, _| {
        let mut peer = Peer::open(port, "/").await;
        peer.expect_text("within").await;
        peer.expect_text("end").await;
    });
}

#[test]
fn each_gets_the_compression_it_agreed_on() {
    let config = |takeover| {
        let options = CompressionOptions::default()
            .threshold(4)
            .context_takeover(takeover);
        WebSocketConfig::default().compression_options(Some(options))
    };
    let routes = |app: Application<Rooms>| {
        app.websocket_with("/{room}", config(false), chat)
            .websocket_with("/kept/{room}", config(true), chat)
    };
    with_rooms(Rooms::new(), routes, async |port, _| {
        let mut plain = Peer::join(port, "/a").await;
        let mut forgetting = Peer::open_with(port, "/a", DEFLATE).await;
        let mut keeping = Peer::open_with(port, "/kept/a", DEFLATE).await;
        forgetting.frame().await;
        keeping.frame().await;
        for _ in 0..2 {
            plain.say("Hello").await;
            plain.expect_text("Hello").await;
            let compressed = b"\xf2\x48\xcd\xc9\xc9\x07\x00";
            assert_eq!(forgetting.frame().await, (0xc1, compressed.to_vec()));
            assert_eq!(keeping.frame().await, (0xc1, compressed.to_vec()));
        }
        plain.say("Hey").await;
        assert_eq!(keeping.frame().await, (0x81, b"Hey".to_vec()));
    });
}

#[test]
fn a_burst_larger_than_the_gathering_arrives_whole_and_in_order() {
    let routes = |app: Application<Rooms>| {
        app.websocket("/", async |ws: &mut WebSocket<Rooms>| -> Result {
            let room = ws.app().join("a", ws)?;
            while ws.recv().await?.is_some() {
                for number in 0..200 {
                    room.send_when_ready(format!("{number:01000}")).await?;
                }
            }
            Ok(())
        })
    };
    with_rooms(Rooms::new(), routes, async |port, _| {
        let mut peer = Peer::open(port, "/").await;
        peer.say("go").await;
        for number in 0..200 {
            peer.expect_text(&format!("{number:01000}")).await;
        }
    });
}
