//! axum as its documentation shows it, on tokio's current-thread runtime.

mod input;

use axum::extract::ws::{Message as WsMessage, WebSocket, WebSocketUpgrade};
use axum::extract::{Path, State};
use axum::http::header::SERVER;
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Json, Router};
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::broadcast;
use tower_http::compression::CompressionLayer;
use tower_http::services::ServeDir;

type Templates = std::sync::Arc<::minijinja::Environment<'static>>;

#[derive(Serialize)]
struct Message {
    message: &'static str,
}

async fn plaintext() -> impl IntoResponse {
    ([(SERVER, "axum")], "Hello, World!")
}

async fn json() -> impl IntoResponse {
    (
        [(SERVER, "axum")],
        Json(Message {
            message: "Hello, World!",
        }),
    )
}

/// Runs the engine's failure into a 500.
fn page<E>(made: Result<String, E>) -> impl IntoResponse {
    let page = made
        .map(Html)
        .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR);
    ([(SERVER, "axum")], page)
}

async fn minijinja(State(templates): State<Templates>) -> impl IntoResponse {
    page(fortunes::with_minijinja(&templates))
}

async fn askama() -> impl IntoResponse {
    page(fortunes::with_askama())
}

async fn user(Path(id): Path<String>) -> impl IntoResponse {
    ([(SERVER, "axum")], id)
}

async fn echo(upgrade: WebSocketUpgrade) -> impl IntoResponse {
    upgrade.on_upgrade(echo_messages)
}

async fn echo_messages(mut ws: WebSocket) {
    while let Some(Ok(message)) = ws.recv().await {
        let data = matches!(message, WsMessage::Text(_) | WsMessage::Binary(_));
        if data && ws.send(message).await.is_err() {
            return;
        }
    }
}

/// What one sends all get: a channel, as axum's chat example has it.
async fn room(upgrade: WebSocketUpgrade, State(news): State<News>) -> impl IntoResponse {
    upgrade.on_upgrade(|ws| talk(ws, news))
}

type News = broadcast::Sender<WsMessage>;

async fn talk(ws: WebSocket, news: News) {
    let mut heard = news.subscribe();
    let (mut sink, mut stream) = ws.split();
    let mut sending = tokio::spawn(async move {
        while let Ok(message) = heard.recv().await {
            if sink.send(message).await.is_err() {
                break;
            }
        }
    });
    let mut receiving = tokio::spawn(async move {
        while let Some(Ok(message)) = stream.next().await {
            if matches!(message, WsMessage::Text(_) | WsMessage::Binary(_)) {
                drop(news.send(message));
            }
        }
    });
    tokio::select! {
        _ = &mut sending => receiving.abort(),
        _ = &mut receiving => sending.abort(),
    }
}

async fn listing() -> Html<String> {
    Html(peer_contract::page())
}

/// What the flags ask for: files by `ServeDir`, compression by `CompressionLayer`.
fn with_tower_http(mut app: Router, flags: &peer_contract::Flags) -> Router {
    if let Some(directory) = &flags.static_files {
        app = app.nest_service("/static", ServeDir::new(directory));
    }
    if flags.compress {
        app = app.layer(CompressionLayer::new());
    }
    app.layer(map_response(async |mut response: Response| {
        let name = HeaderValue::from_static("axum");
        response.headers_mut().entry(SERVER).or_insert(name);
        response
    }))
}

async fn serve(
    listener: std::net::TcpListener,
    flags: &peer_contract::Flags,
) -> std::io::Result<()> {
    let rooms = Router::new()
        .route("/ws/room/{name}", get(room))
        .with_state(broadcast::Sender::new(1024));
    let mut app = Router::new()
        .route("/plaintext", get(plaintext))
        .route("/json", get(json))
        .route("/fortunes", get(minijinja))
        .route("/fortunes/askama", get(askama))
        .route("/user/{id}", get(user))
        .route("/ws", get(echo))
        .route("/ws/{*form}", get(echo))
        .with_state(Templates::new(fortunes::environment()))
        .merge(rooms)
        .merge(input::routes(flags.cookie_secret.as_deref()));
    if flags.static_files.is_some() || flags.compress {
        app = with_tower_http(app.route("/page", get(listing)), flags);
    }
    let listener = TcpListener::from_std(listener)?.tap_io(|stream| {
        // A failure here means the client is gone already; the next read will say so.
        drop(stream.set_nodelay(true));
    });
    axum::serve(listener, app).await
}

fn main() -> std::io::Result<()> {
    let flags = peer_contract::Flags::from_args();
    flags.refuse_rest();
    let listener = peer_contract::bind(flags.port);
    peer_contract::announce(listener.local_addr()?);
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?
        .block_on(serve(listener, &flags))
}
