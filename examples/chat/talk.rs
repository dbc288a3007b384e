//! Talking in a room, over a WebSocket or by long polls.

use std::time::Duration;

use serde::Serialize;
use waterspout::http::ws::handshake::is_same_origin;
use waterspout::{CatchUp, CloseCode, HttpError, Json, Position, Recorded, Result, Room, Rooms};

use crate::Context;
use crate::say::{MAX_NAMES, Said, Welcome, nick};

type WebSocket = waterspout::WebSocket<Rooms>;

/// A member over a WebSocket: `?nick=Ada&after=` and the position of the last message it saw.
pub(crate) async fn socket(ws: &mut WebSocket) -> Result {
    let (name, after) = match introduction(ws) {
        Ok(known) => known,
        Err(error) => {
            // The page shows it: the status of a refused handshake is hidden from it.
            ws.close(CloseCode::POLICY, error.message().unwrap_or("bad request"));
            return Ok(());
        }
    };
    let room = ws.app().room(&ws.path::<String>("room")?)?;
    let (member, past) = room.join_after(after, &name, ws)?;
    let welcome = Welcome {
        position: before(&past, after),
        complete: past.complete,
        names: names_in(&room),
    };
    ws.sender().try_send(serde_json::to_string(&welcome)?)?;
    for recorded in &past.messages {
        ws.sender().try_send_prepared(&recorded.message)?;
    }
    member.send_json(&Said::Came { nick: name.clone() })?;
    while let Some(message) = ws.recv().await? {
        match Said::by(&name, message.as_text().unwrap_or_default()) {
            Ok(said) => member.send_json(&said)?,
            Err(error) => ws.send_json(&error.message()).await?,
        }
    }
    drop(member);
    room.send_json(&Said::Left { nick: name })
}

fn introduction(ws: &WebSocket) -> Result<(String, Option<Position>)> {
    let name = nick(&ws.argument("nick")?.unwrap_or_default())?;
    Ok((name, position(ws.argument("after")?)?))
}

fn position(text: Option<String>) -> Result<Option<Position>> {
    let text = text.filter(|text| !text.is_empty());
    let parsed = text.map(|text| text.parse()).transpose();
    parsed.map_err(|error: waterspout::InvalidPosition| {
        HttpError::bad_request(format!("after: {error}")).into()
    })
}

/// The place before the first message of the past.
fn before(past: &CatchUp, after: Option<Position>) -> String {
    let first = past.messages.first().map(|recorded| recorded.position);
    match (first, after.filter(|_| past.complete)) {
        (_, Some(after)) => after.to_string(),
        (Some(first), None) => first.previous().to_string(),
        (None, None) => past.position.to_string(),
    }
}

/// What a long poll answers.
#[derive(Serialize)]
struct Heard {
    position: String,
    complete: bool,
    names: Vec<String>,
    messages: Vec<Said>,
}

/// A poll is answered after this time in any case, before proxies lose patience.
const POLL: Duration = Duration::from_secs(25);

/// A member while it polls.
pub(crate) async fn poll(cx: &mut Context) -> Result<Json<impl Serialize + use<>>> {
    let name = nick(&cx.argument("nick")?)?;
    let after = position(Some(cx.argument_or("after", "")?))?;
    let room = the_room(cx)?;
    let (mut listener, complete) = room.listen_as(&name, after)?;
    // The first poll begins a visit, so it is answered at once.
    let patience = if after.is_some() {
        POLL
    } else {
        Duration::ZERO
    };
    let waiting = tokio::time::timeout(patience, listener.recv_all());
    let heard = cx.until_drain(waiting).await.and_then(Result::ok);
    let (messages, in_time) =
        heard.map_or((Vec::new(), true), |heard| (heard.messages, heard.complete));
    let names = names_in(&room);
    cx.set_header("Cache-Control", "no-store")?;
    Ok(Json(Heard {
        position: listener.position().to_string(),
        complete: complete && in_time,
        names,
        messages: messages.iter().map(parse).collect::<Result<_>>()?,
    }))
}

fn parse(recorded: &Recorded) -> Result<Said> {
    Ok(serde_json::from_slice(recorded.message.as_bytes())?)
}

/// Who is there: those who poll come and go without a word.
pub(crate) async fn names(cx: &mut Context) -> Result<Json<Vec<String>>> {
    Ok(Json(names_in(&the_room(cx)?)))
}

fn names_in(room: &Room) -> Vec<String> {
    let mut names = room.names();
    names.truncate(MAX_NAMES);
    names
}

/// What those who poll say.
pub(crate) async fn say(cx: &mut Context) -> Result {
    // Pages of other sites may not talk in the name of who looks at them.
    let origin = cx.header("Origin").unwrap_or("null");
    if !is_same_origin(origin, cx.host()) {
        return Err(HttpError::forbidden("the page is of another site").into());
    }
    let name = nick(&cx.body_argument("nick")?)?;
    let said = Said::by(&name, &cx.body_argument("text")?)?;
    the_room(cx)?.send_json(&said)
}

fn the_room(cx: &Context) -> Result<Room> {
    let name: String = cx.path("room")?;
    Ok(cx.app().room(&name)?)
}
