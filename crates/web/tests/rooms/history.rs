use std::time::Duration;

use waterspout::net::IoLoop;
use waterspout::{Heard, Listener, Recorded, RoomHub, Rooms, RoomsConfig};

use crate::support::{Peer, with_rooms};

fn texts(messages: &[Recorded]) -> Vec<String> {
    messages
        .iter()
        .map(|recorded| recorded.message.to_message().to_string())
        .collect()
}

fn heard(listener: &mut Listener) -> Vec<String> {
    let mut all = Vec::new();
    while let Some(heard) = listener.try_recv() {
        match heard {
            Heard::Message(recorded) => all.extend(texts(&[recorded])),
            Heard::Missed(count) => all.push(format!("missed {count}")),
        }
    }
    all
}

fn remembering(messages: usize) -> RoomsConfig {
    RoomsConfig::default().history(messages)
}

#[test]
fn a_client_that_comes_back_catches_up_from_its_position() {
    IoLoop::new_paused().unwrap().run_sync(async {
        let rooms = Rooms::with_config(remembering(3));
        let room = rooms.room("a").unwrap();
        room.send("1").unwrap();
        let seen = room.position();
        drop(room);
        let room = rooms.room("a").unwrap();
        for text in ["2", "3", "4"] {
            room.send(text).unwrap();
        }
        let caught = room.history(Some(seen));
        assert_eq!(
            (texts(&caught.messages), caught.complete),
            (vec!["2".into(), "3".into(), "4".into()], true)
        );
        assert_eq!(caught.messages[2].position, caught.position);
        room.send("5").unwrap();
        let caught = room.history(Some(seen));
        assert_eq!(
            (texts(&caught.messages), caught.complete),
            (vec!["3".into(), "4".into(), "5".into()], false)
        );
    });
}

#[test]
fn a_listener_hears_the_past_and_then_the_present_each_once() {
    IoLoop::new_paused().unwrap().run_sync(async {
        let rooms = Rooms::with_config(remembering(10));
        let room = rooms.room("a").unwrap();
        room.send("1").unwrap();
        let seen = room.position();
        room.send("2").unwrap();
        let (mut listener, complete) = room.listen_after(Some(seen)).unwrap();
        assert_eq!((complete, listener.position()), (true, seen));
        let mut new = room.listen().unwrap();
        room.send("3").unwrap();
        assert_eq!(heard(&mut listener), ["2", "3"]);
        assert_eq!(heard(&mut new), ["3"]);
        assert_eq!(
            (listener.position(), new.position()),
            (room.position(), room.position())
        );
        let (mut all, complete) = room.listen_after(None).unwrap();
        assert_eq!((heard(&mut all).len(), complete), (3, true));
    });
}

#[test]
fn a_room_that_was_forgotten_tells_that_something_is_missing() {
    IoLoop::new_paused().unwrap().run_sync(async {
        let hub = RoomHub::with_config(remembering(10).history_ttl(Duration::from_secs(60)));
        let rooms = hub.rooms();
        let room = rooms.room("a").unwrap();
        room.send("1").unwrap();
        let seen = room.position();
        drop(room);
        assert_eq!((rooms.len(), hub.len()), (0, 1));
        tokio::time::sleep(Duration::from_secs(30)).await;
        // Somebody comes back and leaves again: the time begins anew.
        drop(rooms.room("a").unwrap());
        tokio::time::sleep(Duration::from_secs(59)).await;
        assert_eq!(hub.len(), 1);
        tokio::time::sleep(Duration::from_secs(62)).await;
        assert_eq!(hub.len(), 0, "nobody asked for it, and it is gone");
        let room = rooms.room("a").unwrap();
        assert!(!room.position().is_comparable(seen));
        let caught = room.history(Some(seen));
        assert_eq!((texts(&caught.messages), caught.complete), (vec![], false));
    });
}

#[test]
fn rooms_that_are_only_remembered_make_place_for_others() {
    IoLoop::new_paused().unwrap().run_sync(async {
        let hub = RoomHub::with_config(remembering(10).max_rooms(2));
        let rooms = hub.rooms();
        for name in ["a", "b"] {
            rooms.room(name).unwrap().send("x").unwrap();
        }
        let _c = rooms.room("c").unwrap();
        assert_eq!(hub.len(), 2);
        let b = rooms.room("b").unwrap();
        assert_eq!(b.position().offset(), 1);
        assert_eq!(
            rooms.room("a").unwrap_err().to_string(),
            "more than 2 (limit max_rooms)"
        );
    });
}

#[test]
fn a_message_of_the_hub_is_there_for_those_who_come_later() {
    IoLoop::new_paused().unwrap().run_sync(async {
        let hub = RoomHub::with_config(remembering(10));
        hub.send("a", "early").unwrap();
        let rooms = hub.rooms();
        assert_eq!(
            texts(&rooms.room("a").unwrap().history(None).messages),
            ["early"]
        );
        assert!(hub.send("", "x").unwrap_err().is_name());
    });
}

#[test]
fn a_listener_that_takes_nothing_is_told_how_many_it_missed() {
    IoLoop::new_paused().unwrap().run_sync(async {
        let rooms = Rooms::with_config(RoomsConfig::default().max_listener_messages(2));
        let room = rooms.room("a").unwrap();
        let mut listener = room.listen().unwrap();
        for number in 1..=5 {
            room.send(number.to_string()).unwrap();
        }
        assert_eq!(heard(&mut listener), ["missed 3", "4", "5"]);
        let small = Rooms::with_config(RoomsConfig::default().max_listener_size(25));
        let room = small.room("a").unwrap();
        let mut listener = room.listen().unwrap();
        for _ in 0..3 {
            room.send("ten octets").unwrap();
        }
        assert_eq!(
            heard(&mut listener),
            ["missed 1", "ten octets", "ten octets"]
        );
    });
}

/// Sends what was missed, and then what comes.
async fn catching_up(ws: &mut waterspout::WebSocket<Rooms>) -> waterspout::Result {
    let seen = ws.argument("after")?.and_then(|text| text.parse().ok());
    let (_member, past) = ws.app().room("a")?.join_after(seen, "", ws)?;
    for recorded in &past.messages {
        ws.sender().try_send_prepared(&recorded.message)?;
    }
    while ws.recv().await?.is_some() {}
    Ok(())
}

#[test]
fn a_socket_that_joins_after_a_position_gets_each_message_once_while_others_send() {
    let hub = RoomHub::with_config(remembering(100_000));
    let routes = |app: waterspout::Application<Rooms>| app.websocket("/", catching_up);
    let sender = hub.clone();
    let sending = std::thread::spawn(move || {
        for number in 1..=2000 {
            sender.send("a", number.to_string()).unwrap();
        }
    });
    with_rooms(hub.rooms(), routes, async |port, _| {
        for _ in 0..20 {
            let mut peer = Peer::open(port, "/?after=").await;
            for number in 1..=2000 {
                peer.expect_text(&number.to_string()).await;
            }
        }
    });
    sending.join().unwrap();
}
