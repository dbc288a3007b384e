//! Creates, reads, updates and deletes the rows of `user_tbl(name, signup_date)`:
//! `cargo run --release --example crud -- --database users.db`, then open http://localhost:8888/ or
//!
//! ```text
//! curl -H 'Content-Type: application/json' -d '{"name": "Ann", "signup_date": "2026-11-21"}' localhost:8888/users
//! curl localhost:8888/users
//! curl -X PUT -H 'Content-Type: application/json' -d '{"name": "Bob", "signup_date": "2026-11-22"}' localhost:8888/users/1
//! curl -X DELETE localhost:8888/users/1
//! ```
//!
//! The database is SQLite, in the program. It blocks, so it is asked on a thread of its own while the loop goes
//! on.

mod store;

use std::path::PathBuf;

use clap::Parser;
use waterspout::template::Templates;
use waterspout::{Application, HttpError, HttpServer, Json, Result, StatusCode, context};

use self::store::{NewUser, Store, User};

type Context = waterspout::Context<Store>;

#[derive(Debug, Parser)]
struct Flags {
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 8888)]
    port: u16,
    /// File of the database. Default: in memory, gone with the program.
    #[arg(long)]
    database: Option<PathBuf>,
}

fn app(store: Store) -> Application<Store> {
    let templates = Templates::embedded([("users.html", include_str!("users.html"))]);
    Application::new(store)
        .templates(templates)
        .get("/", page)
        .post("/", create_by_form)
        .get("/users", all)
        .post("/users", create)
        .get("/users/{id}", one)
        .name("user")
        .put("/users/{id}", update)
        .delete("/users/{id}", delete)
}

async fn page(cx: &mut Context) -> Result {
    let users = cx.app().all().await?;
    cx.render("users.html", context! { users })
}

async fn create_by_form(cx: &mut Context) -> Result {
    let user: NewUser = cx.form()?;
    cx.app().create(user.checked()?).await?;
    cx.redirect_with("/", StatusCode::SEE_OTHER)
}

async fn all(cx: &mut Context) -> Result<Json<Vec<User>>> {
    Ok(Json(cx.app().all().await?))
}

async fn create(cx: &mut Context) -> Result<(StatusCode, Json<User>)> {
    let user: NewUser = cx.json()?;
    let user = cx.app().create(user.checked()?).await?;
    let url = cx.reverse_url("user", [user.id])?;
    cx.set_header("Location", url)?;
    Ok((StatusCode::CREATED, Json(user)))
}

async fn one(cx: &mut Context) -> Result<Json<User>> {
    let id = cx.path("id")?;
    let user = cx.app().one(id).await?;
    Ok(Json(user.ok_or(HttpError::NOT_FOUND)?))
}

async fn update(cx: &mut Context) -> Result<Json<User>> {
    let id = cx.path("id")?;
    let user: NewUser = cx.json()?;
    let user = cx.app().update(id, user.checked()?).await?;
    Ok(Json(user.ok_or(HttpError::NOT_FOUND)?))
}

async fn delete(cx: &mut Context) -> Result<StatusCode> {
    let id = cx.path("id")?;
    match cx.app().delete(id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(HttpError::NOT_FOUND.into()),
    }
}

fn main() -> Result {
    let flags = Flags::parse();
    let path = flags.database;
    Store::open(path.as_deref())?; // a file that is no database is an error here
    let application = move || app(Store::open(path.as_deref()).expect("it was opened before"));
    let server = HttpServer::new(application).listen(flags.port)?;
    for address in server.addresses() {
        println!("listening on {address}");
    }
    server.run()
}

#[cfg(test)]
mod tests;
