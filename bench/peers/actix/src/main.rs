//! actix-web with one worker.

mod input;

use std::cell::RefCell;
use std::time::Duration;

use actix_web::http::header::{ContentType, HeaderValue, SERVER};
use actix_web::middleware::DefaultHeaders;
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, Responder, get, web};
use actix_ws::Message;
use serde::Serialize;

type Templates = minijinja::Environment<'static>;

const NAME: HeaderValue = HeaderValue::from_static("actix-web");

#[derive(Serialize)]
struct Reply {
    message: &'static str,
}

#[get("/plaintext")]
async fn plaintext() -> impl Responder {
    HttpResponse::Ok()
        .insert_header((SERVER, NAME))
        .content_type(ContentType::plaintext())
        .body("Hello, World!")
}

#[get("/json")]
async fn json() -> impl Responder {
    HttpResponse::Ok()
        .insert_header((SERVER, NAME))
        .json(Reply {
            message: "Hello, World!",
        })
}

#[get("/fortunes")]
async fn with_minijinja(templates: web::Data<Templates>) -> impl Responder {
    page(fortunes::with_minijinja(&templates))
}

#[get("/fortunes/askama")]
async fn with_askama() -> impl Responder {
    page(fortunes::with_askama())
}

/// Runs the engine's failure into a 500.
fn page<E>(made: Result<String, E>) -> HttpResponse {
    match made {
        Ok(page) => HttpResponse::Ok()
            .insert_header((SERVER, NAME))
            .content_type(ContentType::html())
            .body(page),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

#[get("/user/{id}")]
async fn user(id: web::Path<String>) -> impl Responder {
    HttpResponse::Ok()
        .insert_header((SERVER, NAME))
        .content_type(ContentType::plaintext())
        .body(id.into_inner())
}

/// An echo at every path that begins with `/ws`.
#[get("/ws{form:.*}")]
async fn echo(request: HttpRequest, body: web::Payload) -> actix_web::Result<HttpResponse> {
    let (response, mut session, mut messages) = actix_ws::handle(&request, body)?;
    actix_web::rt::spawn(async move {
        while let Some(Ok(message)) = messages.recv().await {
            let sent = match message {
                Message::Text(text) => session.text(text).await,
                Message::Binary(octets) => session.binary(octets).await,
                Message::Close(_) => break,
                _ => Ok(()),
            };
            if sent.is_err() {
                return;
            }
        }
        drop(session.close(None).await);
    });
    Ok(response)
}

type Members = web::Data<RefCell<Vec<actix_ws::Session>>>;

/// What one sends all get.
#[get("/ws/room/{name}")]
async fn room(
    request: HttpRequest,
    body: web::Payload,
    members: Members,
) -> actix_web::Result<HttpResponse> {
    let (response, session, mut messages) = actix_ws::handle(&request, body)?;
    members.borrow_mut().push(session);
    actix_web::rt::spawn(async move {
        while let Some(Ok(message)) = messages.recv().await {
            let mut there = members.take();
            for mut member in std::mem::take(&mut there) {
                let sent = match &message {
                    Message::Text(text) => member.text(text.clone()).await,
                    Message::Binary(octets) => member.binary(octets.clone()).await,
                    Message::Close(_) => Ok(()),
                    _ => Ok(()),
                };
                if sent.is_ok() {
                    there.push(member);
                }
            }
            members.borrow_mut().append(&mut there);
        }
    });
    Ok(response)
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let flags = peer_contract::Flags::from_args();
    flags.refuse_rest();
    let listener = peer_contract::bind(flags.port);
    let address = listener.local_addr()?;
    let (files, secret) = (flags.static_files.clone(), flags.cookie_secret.clone());
    let templates = web::Data::new(fortunes::environment());
    let server = HttpServer::new(move || {
        let members = Members::new(RefCell::default());
        App::new()
            .app_data(members)
            .app_data(templates.clone())
            .service(with_minijinja)
            .service(with_askama)
            .service(plaintext)
            .service(json)
            .service(user)
            .service(room)
            .service(echo)
            .configure(|app| input::add_to(app, secret.as_deref()))
            .configure(|app| {
                if let Some(directory) = &files {
                    let name = DefaultHeaders::new().add((SERVER, NAME));
                    let files = actix_files::Files::new("/", directory);
                    app.service(web::scope("/static").wrap(name).service(files));
                }
            })
    })
    .workers(1)
    // actix closes an idle connection after 5 seconds; the memory row needs longer.
    .keep_alive(Duration::from_secs(75))
    .listen(listener)?
    .run();
    peer_contract::announce(address);
    server.await
}
