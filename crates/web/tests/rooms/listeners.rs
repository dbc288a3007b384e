//! Event streams and long polls of a room that WebSockets talk in.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout::{Application, Context, Json, Position, Result, Rooms, RoomsConfig};

use crate::support::{Peer, chatting, get, until, with_rooms};

async fn events(cx: &mut Context<Rooms>) -> Result {
    let room = cx.app().room("a")?;
    let mut events = cx.event_stream()?;
    let seen = events.last_event_id().map(str::parse).transpose()?;
    let (mut listener, _complete) = room.listen_after(seen)?;
    events.feed(&mut listener).await
}

async fn poll(cx: &mut Context<Rooms>) -> Result<Json<(String, Vec<String>)>> {
    let seen: Option<Position> = cx.argument("after")?.parse().ok();
    let (mut listener, _complete) = cx.app().room("a")?.listen_after(seen)?;
    let heard = listener.recv_all().await;
    let texts = heard
        .messages
        .iter()
        .map(|recorded| recorded.message.to_message().to_string());
    Ok(Json((heard.position.to_string(), texts.collect())))
}

fn routes(app: Application<Rooms>) -> Application<Rooms> {
    chatting(app.get("/events", events).get("/poll", poll))
}

fn remembering() -> Rooms {
    Rooms::with_config(RoomsConfig::default().history(10))
}

async fn subscribe(port: u16, fields: &str) -> TcpStream {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    let head = format!("GET /events HTTP/1.1\r\nHost: t\r\n{fields}\r\n");
    stream.write_all(head.as_bytes()).await.unwrap();
    hear(&mut stream, "\r\n\r\n").await;
    stream
}

async fn hear(stream: &mut TcpStream, until: &str) -> String {
    let mut octets = Vec::new();
    while !octets.ends_with(until.as_bytes()) {
        octets.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(octets).unwrap()
}

#[test]
fn an_event_stream_hears_what_sockets_say_and_goes_on_where_it_was() {
    with_rooms(remembering(), routes, async |port, rooms| {
        let mut stream = subscribe(port, "").await;
        let mut peer = Peer::join(port, "/a").await;
        peer.say("one").await;
        let event = hear(&mut stream, "data: one\n\n\r\n").await;
        let id = event
            .lines()
            .find_map(|line| line.strip_prefix("id: "))
            .unwrap();
        assert_eq!(rooms.members("a"), 2);
        drop(stream);
        until(|| rooms.members("a") == 1).await;
        peer.say("two").await;
        peer.say("three").await;
        until(|| rooms.room("a").unwrap().position().offset() == 3).await;
        let mut stream = subscribe(port, &format!("Last-Event-ID: {id}\r\n")).await;
        let missed = hear(&mut stream, "data: three\n\n\r\n").await;
        assert!(
            missed.contains("data: two\n") && !missed.contains("data: one\n"),
            "{missed}"
        );
    });
}

#[test]
fn a_long_poll_answers_at_once_or_when_there_is_something() {
    with_rooms(remembering(), routes, async |port, rooms| {
        let mut peer = Peer::join(port, "/a").await;
        let waiting = tokio::task::spawn_local(get(port, "/poll?after="));
        until(|| rooms.members("a") == 2).await;
        peer.say("one").await;
        let answer = waiting.await.unwrap();
        let (position, texts) = body(&answer);
        assert_eq!(texts, ["one"]);
        peer.say("two").await;
        peer.say("three").await;
        until(|| rooms.room("a").unwrap().position().offset() == 3).await;
        let (_, texts) = body(&get(port, &format!("/poll?after={position}")).await);
        assert_eq!(texts, ["two", "three"]);
        assert_eq!(rooms.members("a"), 1);
    });
}

fn body(answer: &str) -> (String, Vec<String>) {
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn a_long_poll_that_is_given_up_leaves_the_room() {
    with_rooms(remembering(), routes, async |port, rooms| {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let head = "GET /poll?after= HTTP/1.1\r\nHost: t\r\n\r\n";
        stream.write_all(head.as_bytes()).await.unwrap();
        until(|| rooms.members("a") == 1).await;
        drop(stream);
        until(|| rooms.members("a") == 0).await;
        assert!(rooms.is_empty());
    });
}
