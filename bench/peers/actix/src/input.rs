//! What the client sends: signed cookies by the jar of actix-web's `secure-cookies`, forms and JSON by actix-web, forms with
//! files by actix-multipart.

use actix_multipart::form::MultipartForm;
use actix_multipart::form::bytes::Bytes;
use actix_multipart::form::text::Text;
use actix_web::cookie::{Cookie, CookieJar, Key};
use actix_web::http::header::{ContentType, SERVER};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder, Responder, get, post, web};
use typed::{Name, Order, Pair, Receipt, SignUp};

use crate::NAME;

/// Adds the routes; those of cookies only with a secret.
pub(crate) fn add_to(app: &mut web::ServiceConfig, cookie_secret: Option<&str>) {
    app.service(sign_up)
        .service(sign_up_with_picture)
        .service(order);
    if let Some(secret) = cookie_secret {
        app.app_data(web::Data::new(Key::from(secret.as_bytes())));
        app.service(set).service(shown);
    }
}

fn ok() -> HttpResponseBuilder {
    let mut response = HttpResponse::Ok();
    response.insert_header((SERVER, NAME));
    response
}

fn text(text: String) -> HttpResponse {
    ok().content_type(ContentType::plaintext()).body(text)
}

#[get("/signed/set")]
async fn set(pair: web::Query<Pair>, key: web::Data<Key>) -> impl Responder {
    let Pair { name, value } = pair.into_inner();
    let mut jar = CookieJar::new();
    jar.signed_mut(&key).add(Cookie::new(name, value));
    let mut response = ok();
    for cookie in jar.delta() {
        response.cookie(cookie.clone());
    }
    response.content_type(ContentType::plaintext()).body("ok")
}

#[get("/signed/get")]
async fn shown(
    request: HttpRequest,
    query: web::Query<Name>,
    key: web::Data<Key>,
) -> impl Responder {
    let cookie = request.cookie(&query.name);
    let checked = cookie.and_then(|cookie| CookieJar::new().signed(&key).verify(cookie));
    match checked {
        Some(cookie) => text(cookie.value().to_owned()),
        None => HttpResponse::NotFound().finish(),
    }
}

#[post("/signup")]
async fn sign_up(form: web::Form<SignUp>) -> impl Responder {
    text(form.line())
}

#[derive(MultipartForm)]
struct Parts {
    name: Text<String>,
    email: Text<String>,
    age: Text<u8>,
    country: Text<String>,
    newsletter: Text<bool>,
    picture: Bytes,
}

#[post("/signup/picture")]
async fn sign_up_with_picture(parts: MultipartForm<Parts>) -> impl Responder {
    let Parts {
        name,
        email,
        age,
        country,
        newsletter,
        picture,
    } = parts.into_inner();
    let form = SignUp {
        name: name.into_inner(),
        email: email.into_inner(),
        age: age.into_inner(),
        country: country.into_inner(),
        newsletter: newsletter.into_inner(),
    };
    text(format!("{}, picture: {}", form.line(), picture.data.len()))
}

#[post("/order")]
async fn order(order: web::Json<Order>) -> impl Responder {
    ok().json(Receipt::from(order.into_inner()))
}
