//! What the client sends: signed cookies by axum-extra, forms and JSON by axum.

use axum::extract::{Multipart, Query};
use axum::http::StatusCode;
use axum::http::header::SERVER;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Form, Json, Router};
use axum_extra::extract::SignedCookieJar;
use axum_extra::extract::cookie::{Cookie, Key};
use typed::{Name, Order, Pair, Receipt, SignUp};

/// The routes; those of cookies only with a secret.
pub(crate) fn routes(cookie_secret: Option<&str>) -> Router {
    let routes = Router::new()
        .route("/signup", post(sign_up))
        .route("/signup/picture", post(sign_up_with_picture))
        .route("/order", post(order));
    let Some(secret) = cookie_secret else {
        return routes;
    };
    let cookies = Router::new()
        .route("/signed/set", get(set))
        .route("/signed/get", get(shown))
        .with_state(Key::from(secret.as_bytes()));
    routes.merge(cookies)
}

async fn set(jar: SignedCookieJar, Query(pair): Query<Pair>) -> impl IntoResponse {
    let jar = jar.add(Cookie::new(pair.name, pair.value));
    ([(SERVER, "axum")], jar, "ok")
}

async fn shown(jar: SignedCookieJar, Query(Name { name }): Query<Name>) -> impl IntoResponse {
    let value = jar.get(&name).ok_or(StatusCode::NOT_FOUND);
    (
        [(SERVER, "axum")],
        value.map(|cookie| cookie.value().to_owned()),
    )
}

async fn sign_up(Form(form): Form<SignUp>) -> impl IntoResponse {
    ([(SERVER, "axum")], form.line())
}

async fn sign_up_with_picture(parts: Multipart) -> impl IntoResponse {
    let line = read_parts(parts).await.ok_or(StatusCode::BAD_REQUEST);
    ([(SERVER, "axum")], line)
}

/// Reads part by part, as axum's documentation has it; `None` if one is missing or of another type.
async fn read_parts(mut parts: Multipart) -> Option<String> {
    let (mut name, mut email, mut country) = (None, None, None);
    let (mut age, mut newsletter, mut picture) = (None, None, 0);
    while let Some(part) = parts.next_field().await.ok()? {
        match part.name()? {
            "name" => name = Some(part.text().await.ok()?),
            "email" => email = Some(part.text().await.ok()?),
            "country" => country = Some(part.text().await.ok()?),
            "age" => age = part.text().await.ok()?.parse().ok(),
            "newsletter" => newsletter = part.text().await.ok()?.parse().ok(),
            "picture" => picture = part.bytes().await.ok()?.len(),
            _ => {}
        }
    }
    let form = SignUp {
        name: name?,
        email: email?,
        age: age?,
        country: country?,
        newsletter: newsletter?,
    };
    Some(format!("{}, picture: {picture}", form.line()))
}

async fn order(Json(order): Json<Order>) -> impl IntoResponse {
    ([(SERVER, "axum")], Json(Receipt::from(order)))
}
