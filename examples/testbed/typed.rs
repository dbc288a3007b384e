//! Bodies that are read as values of a type: a form, a form with a file, JSON.

use serde::{Deserialize, Serialize};
use waterspout::{Application, Context, Json, Result};

/// Adds the routes of this file.
pub(crate) fn add_to(app: Application) -> Application {
    app.post("/signup", sign_up)
        .post("/signup/picture", sign_up_with_picture)
        .post("/order", order)
}

#[derive(Deserialize)]
struct SignUp {
    name: String,
    email: String,
    age: u8,
    country: String,
    newsletter: bool,
}

impl SignUp {
    fn line(&self) -> String {
        let Self {
            name,
            email,
            age,
            country,
            newsletter,
        } = self;
        format!("{name} <{email}>, {age}, {country}, newsletter: {newsletter}")
    }
}

async fn sign_up(cx: &mut Context) -> Result<String> {
    let form: SignUp = cx.form()?;
    Ok(form.line())
}

/// The same with the file `picture`, of which the size is told.
async fn sign_up_with_picture(cx: &mut Context) -> Result<String> {
    let form: SignUp = cx.form()?;
    let picture = cx.files()?.iter().find(|file| file.name() == "picture");
    let octets = picture.map_or(0, |file| file.body().len());
    Ok(format!("{}, picture: {octets}", form.line()))
}

#[derive(Deserialize)]
struct Order {
    article: String,
    count: u32,
    /// In cents, of one.
    price: u32,
    express: bool,
    tags: Vec<String>,
}

#[derive(Serialize)]
struct Receipt {
    article: String,
    count: u32,
    total: u64,
    express: bool,
    tags: Vec<String>,
}

async fn order(cx: &mut Context) -> Result<Json<Receipt>> {
    let order: Order = cx.json()?;
    Ok(Json(Receipt {
        total: u64::from(order.count) * u64::from(order.price),
        article: order.article,
        count: order.count,
        express: order.express,
        tags: order.tags,
    }))
}
