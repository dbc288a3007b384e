//! The table, behind a thread.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::{Deserialize, Serialize};
use waterspout::net::{IoLoop, ThreadPool};
use waterspout::{HttpError, Result};

const TABLE: &str =
    "CREATE TABLE IF NOT EXISTS user_tbl (name VARCHAR(20) NOT NULL, signup_date DATE NOT NULL)";

/// A row of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) signup_date: String,
}

/// What a client says of a row.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    name: String,
    signup_date: String,
}

impl NewUser {
    /// Checks what the types do not: SQLite would take anything.
    pub(crate) fn checked(self) -> Result<Self> {
        let length = self.name.chars().count();
        if !(1..=20).contains(&length) {
            return Err(HttpError::bad_request("name must have 1 to 20 characters").into());
        }
        if !is_date(&self.signup_date) {
            return Err(HttpError::bad_request("signup_date must be like 2026-11-21").into());
        }
        Ok(self)
    }
}

/// A day of the calendar, as `YYYY-MM-DD`.
fn is_date(text: &str) -> bool {
    let digits = |range: std::ops::Range<usize>| {
        let part = text
            .get(range)
            .filter(|part| part.bytes().all(|b| b.is_ascii_digit()));
        part.and_then(|part| part.parse::<u32>().ok())
    };
    let dashes = text.len() == 10 && text.get(4..5) == Some("-") && text.get(7..8) == Some("-");
    let (Some(year), Some(month), Some(day)) = (digits(0..4), digits(5..7), digits(8..10)) else {
        return false;
    };
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if is_leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    dashes && (1..=days).contains(&day)
}

/// The database and the one thread that asks it.
pub(crate) struct Store {
    thread: ThreadPool,
    connection: Arc<Mutex<Connection>>,
}

impl Store {
    /// Opens a file, or a database in memory.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self> {
        let connection = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        connection.execute(TABLE, [])?;
        Ok(Self {
            thread: ThreadPool::new(1)?,
            connection: Arc::new(Mutex::new(connection)),
        })
    }

    pub(crate) async fn all(&self) -> Result<Vec<User>> {
        self.ask(|connection| {
            let sql = "SELECT rowid, name, signup_date FROM user_tbl ORDER BY rowid";
            let mut statement = connection.prepare(sql)?;
            let rows = statement.query_map([], user)?;
            rows.collect()
        })
        .await
    }

    pub(crate) async fn one(&self, id: i64) -> Result<Option<User>> {
        self.ask(move |connection| find(connection, id)).await
    }

    pub(crate) async fn create(&self, new: NewUser) -> Result<User> {
        self.ask(move |connection| {
            let sql = "INSERT INTO user_tbl (name, signup_date) VALUES (?1, ?2)";
            connection.execute(sql, params![new.name, new.signup_date])?;
            Ok(User {
                id: connection.last_insert_rowid(),
                name: new.name,
                signup_date: new.signup_date,
            })
        })
        .await
    }

    pub(crate) async fn update(&self, id: i64, new: NewUser) -> Result<Option<User>> {
        self.ask(move |connection| {
            let sql = "UPDATE user_tbl SET name = ?1, signup_date = ?2 WHERE rowid = ?3";
            connection.execute(sql, params![new.name, new.signup_date, id])?;
            find(connection, id)
        })
        .await
    }

    /// Tells whether there was such a row.
    pub(crate) async fn delete(&self, id: i64) -> Result<bool> {
        self.ask(move |connection| {
            let rows = connection.execute("DELETE FROM user_tbl WHERE rowid = ?1", [id])?;
            Ok(rows > 0)
        })
        .await
    }

    /// Asks the database on its thread, while the loop goes on.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        let answer = IoLoop::current().run_in_executor(Some(&self.thread), move || {
            question(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        Ok(answer.await??)
    }
}

fn find(connection: &Connection, id: i64) -> rusqlite::Result<Option<User>> {
    let sql = "SELECT rowid, name, signup_date FROM user_tbl WHERE rowid = ?1";
    connection.prepare(sql)?.query_row([id], user).optional()
}

fn user(row: &Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get(0)?,
        name: row.get(1)?,
        signup_date: row.get(2)?,
    })
}
