use waterspout::{
    Application, CloseCode, Context, Message, Result, Rooms, RoomsConfig, WebSocket,
    WebSocketHandler,
};

use crate::support::{Peer, chatting, until, with_rooms};

#[test]
fn members_are_counted_and_named_until_they_close() {
    with_rooms(Rooms::new(), chatting, async |port, rooms| {
        let mut ada = Peer::join(port, "/a?nick=Ada").await;
        let bob = Peer::join(port, "/a?nick=Bob").await;
        let room = rooms.room("a").unwrap();
        let mut names = room.names();
        names.sort();
        assert_eq!(
            (room.members(), names),
            (2, vec!["Ada".into(), "Bob".into()])
        );
        ada.close().await;
        until(|| room.members() == 1).await;
        assert_eq!(room.names(), ["Bob"]);
        drop(bob);
        until(|| room.members() == 0).await;
    });
}

/// Keeps its membership and never looks at the socket again.
async fn deaf(ws: &mut WebSocket<Rooms>) -> Result {
    let _member = ws.app().join("a", ws)?;
    ws.send("joined").await?;
    ws.close(CloseCode::NORMAL, "");
    std::future::pending().await
}

#[test]
fn a_socket_that_closes_leaves_whoever_holds_its_membership() {
    let routes = |app: Application<Rooms>| app.websocket("/", deaf);
    with_rooms(Rooms::new(), routes, async |port, rooms| {
        let _peer = Peer::join(port, "/").await;
        until(|| rooms.members("a") == 0).await;
    });
}

#[test]
fn leave_leaves_and_a_second_time_changes_nothing() {
    let routes = |app: Application<Rooms>| {
        app.websocket("/", async |ws: &mut WebSocket<Rooms>| -> Result {
            let (one, two) = (ws.app().join("a", ws)?, ws.app().join("a", ws)?);
            ws.send(one.members().to_string()).await?;
            one.leave();
            one.leave();
            two.send(two.members().to_string())?;
            ws.recv().await.map(|_| ())
        })
    };
    with_rooms(Rooms::new(), routes, async |port, rooms| {
        let mut peer = Peer::open(port, "/").await;
        peer.expect_text("2").await;
        peer.expect_text("1").await;
        peer.close().await;
        until(|| rooms.members("a") == 0).await;
    });
}

#[derive(Clone, Default)]
struct Class {
    member: Option<waterspout::Member>,
}

impl WebSocketHandler<Rooms> for Class {
    async fn open(&mut self, ws: &mut WebSocket<Rooms>) -> Result {
        self.member = Some(ws.app().join("a", ws)?);
        ws.send("joined").await
    }

    async fn on_message(&mut self, _ws: &mut WebSocket<Rooms>, message: Message) -> Result {
        if let Some(member) = &self.member {
            member.send(message)?;
        }
        Ok(())
    }

    async fn on_close(&mut self, ws: &mut WebSocket<Rooms>, code: CloseCode, _reason: &str) {
        let room = ws.app().room("a").unwrap();
        room.send(format!("one left with {code}")).unwrap();
    }
}

#[test]
fn the_class_form_holds_its_membership_in_a_field() {
    let routes = |app: Application<Rooms>| app.websocket_handler("/", Class::default());
    with_rooms(Rooms::new(), routes, async |port, rooms| {
        let mut one = Peer::join(port, "/").await;
        let mut two = Peer::join(port, "/").await;
        one.say("hi").await;
        two.expect_text("hi").await;
        one.close().await;
        two.expect_text("one left with 1000").await;
        until(|| rooms.members("a") == 1).await;
    });
}

#[test]
fn a_room_is_gone_when_nobody_holds_it() {
    with_rooms(Rooms::new(), chatting, async |port, rooms| {
        let mut peer = Peer::join(port, "/a").await;
        assert_eq!(rooms.len(), 1);
        peer.close().await;
        until(|| rooms.is_empty()).await;
    });
}

async fn status(name: &str, rooms: &Rooms) -> (u16, String) {
    let error = waterspout::Error::from(rooms.room(name).unwrap_err());
    (error.status().as_u16(), error.message().unwrap().to_owned())
}

#[test]
fn names_and_numbers_have_limits_that_errors_name() {
    let config = RoomsConfig::default()
        .max_rooms(2)
        .max_members(1)
        .max_name_len(5);
    with_rooms(Rooms::with_config(config), chatting, async |_, rooms| {
        assert_eq!(
            status("", &rooms).await,
            (400, "name of a room is empty".into())
        );
        let text = "name of a room is longer than 5 octets (limit max_name_len)";
        assert_eq!(status("123456", &rooms).await, (400, text.into()));
        let text = "name of a room holds a control character";
        assert_eq!(status("a\nb", &rooms).await, (400, text.into()));
        let one = rooms.room("1").unwrap();
        let _two = rooms.room("2").unwrap();
        let text = "more than 2 (limit max_rooms)";
        assert_eq!(status("3", &rooms).await, (503, text.into()));
        let _listener = one.listen().unwrap();
        let full = one.listen().unwrap_err();
        assert!(full.is_limit());
        assert_eq!(full.to_string(), "more than 1 (limit max_members)");
        let long = one.listen_as("a long name", None).unwrap_err();
        assert!(long.is_name());
    });
}

#[test]
fn a_bad_name_in_a_path_answers_400() {
    let routes = |app: Application<Rooms>| {
        app.get(
            "/{room}",
            async |cx: &mut Context<Rooms>| -> Result<String> {
                let name: String = cx.path("room")?;
                Ok(cx.app().room(&name)?.members().to_string())
            },
        )
    };
    with_rooms(Rooms::new(), routes, async |port, _| {
        let answer = crate::support::get(port, "/a%07b").await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
        assert!(answer.contains("holds a control character"), "{answer}");
    });
}
