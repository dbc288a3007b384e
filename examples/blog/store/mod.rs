//! What the blog keeps: authors and entries, in SQLite or in PostgreSQL.

mod postgres;
mod sqlite;

use std::fmt;

use serde::{Deserialize, Serialize};

pub(crate) use postgres::Postgres;
pub(crate) use sqlite::Sqlite;

/// Who writes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Author {
    pub(crate) id: i64,
    pub(crate) email: String,
    pub(crate) name: String,
    #[serde(skip)]
    pub(crate) password_hash: String,
}

/// An author who has no number yet.
#[derive(Debug, Clone)]
pub(crate) struct NewAuthor {
    pub(crate) email: String,
    pub(crate) name: String,
    pub(crate) password_hash: String,
}

/// A post. Times are text such as `2026-11-21T09:30:00Z`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Entry {
    pub(crate) id: i64,
    pub(crate) author: String,
    pub(crate) slug: String,
    pub(crate) title: String,
    pub(crate) markdown: String,
    pub(crate) html: String,
    pub(crate) published_at: String,
    pub(crate) updated_at: String,
    /// The date of `published_at`.
    pub(crate) day: String,
}

/// What an author has written.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) title: String,
    pub(crate) markdown: String,
    pub(crate) html: String,
}

/// Why the database did not do it.
#[derive(Debug)]
pub(crate) enum StoreError {
    /// Somebody signed up before.
    AuthorExists,
    /// Every slug for this title is taken.
    NoSlug,
    Sqlite(rusqlite::Error),
    Postgres(tokio_postgres::Error),
    /// The thread of the database has gone.
    Thread(waterspout::net::ExecutorError),
}

pub(crate) type Result<T, E = StoreError> = std::result::Result<T, E>;

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoSlug => "too many entries have this title",
            Self::AuthorExists => "there is an author already",
            Self::Sqlite(_) => "SQLite failed",
            Self::Postgres(_) => "PostgreSQL failed",
            Self::Thread(_) => "the thread of the database failed",
        })
    }
}

impl std::error::Error for StoreError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::AuthorExists | Self::NoSlug => None,
            Self::Sqlite(error) => Some(error),
            Self::Postgres(error) => Some(error),
            Self::Thread(error) => Some(error),
        }
    }
}

/// The database of one worker.
#[derive(Debug)]
pub(crate) enum Store {
    Sqlite(Sqlite),
    Postgres(Postgres),
}

/// Hands a call on to the database that is there.
macro_rules! each {
    ($self:expr, $store:ident => $call:expr) => {
        match $self {
            Self::Sqlite($store) => $call.await,
            Self::Postgres($store) => $call.await,
        }
    };
}

impl Store {
    /// Adds the first author; there is one only, as in Tornado's blog.
    pub(crate) async fn add_author(&self, author: NewAuthor) -> Result<i64> {
        each!(self, store => store.add_author(author))
    }

    pub(crate) async fn has_author(&self) -> Result<bool> {
        each!(self, store => store.has_author())
    }

    pub(crate) async fn author(&self, id: i64) -> Result<Option<Author>> {
        each!(self, store => store.author(id))
    }

    pub(crate) async fn author_by_email(&self, email: String) -> Result<Option<Author>> {
        each!(self, store => store.author_by_email(email))
    }

    /// Returns the newest entries.
    pub(crate) async fn newest(&self, limit: i64) -> Result<Vec<Entry>> {
        each!(self, store => store.newest(limit))
    }

    pub(crate) async fn entry(&self, slug: String) -> Result<Option<Entry>> {
        each!(self, store => store.entry(slug))
    }

    pub(crate) async fn entry_by_id(&self, id: i64) -> Result<Option<Entry>> {
        each!(self, store => store.entry_by_id(id))
    }

    /// Adds an entry under the first slug of `slug`, `slug-2`, `slug-3` and so on that is free, and returns it.
    pub(crate) async fn add_entry(
        &self,
        author: i64,
        slug: String,
        draft: Draft,
    ) -> Result<String> {
        each!(self, store => store.add_entry(author, slug, draft))
    }

    /// Changes an entry and returns its slug, or `None` if there is no such entry.
    pub(crate) async fn change_entry(&self, id: i64, draft: Draft) -> Result<Option<String>> {
        each!(self, store => store.change_entry(id, draft))
    }
}

/// The columns of an entry, in the order in which both databases read them.
const ENTRY: &str = "entries.id, authors.name, slug, title, markdown, html, published_at, updated_at \
                     FROM entries JOIN authors ON authors.id = author_id";

/// The slug of the n-th try.
fn numbered(slug: &str, number: u32) -> String {
    match number {
        1 => slug.to_owned(),
        _ => format!("{slug}-{number}"),
    }
}

/// Slugs that are tried; only a blog with as many equal titles runs out.
const MAX_TRIES: u32 = 1000;
