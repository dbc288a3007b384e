//! SQLite, in a file, on a thread of its own: its calls block.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, OptionalExtension, Row, params};
use waterspout::net::{IoLoop, ThreadPool};

use super::{Author, Draft, ENTRY, Entry, MAX_TRIES, NewAuthor, Result, StoreError, numbered};

const SCHEMA: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA foreign_keys = ON;
    CREATE TABLE IF NOT EXISTS authors (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password_hash TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS entries (
        id INTEGER PRIMARY KEY,
        author_id INTEGER NOT NULL REFERENCES authors (id),
        slug TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        markdown TEXT NOT NULL,
        html TEXT NOT NULL,
        published_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
        updated_at TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))
    );
    CREATE INDEX IF NOT EXISTS entries_by_time ON entries (published_at, id);
";

#[derive(Debug)]
pub(crate) struct Sqlite {
    connection: Arc<Mutex<Connection>>,
    thread: ThreadPool,
}

impl Sqlite {
    /// Opens a file, and makes it if there is none.
    pub(crate) fn open(path: &Path) -> waterspout::Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(std::time::Duration::from_secs(5))?;
        connection.execute_batch(SCHEMA)?;
        Ok(Self {
            connection: Arc::new(Mutex::new(connection)),
            thread: ThreadPool::new(1)?,
        })
    }

    /// Runs a function on the thread of the database, and waits for it without holding up the loop.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T> {
        let connection = Arc::clone(&self.connection);
        let running = IoLoop::current().run_in_executor(Some(&self.thread), move || {
            // A panic in another call leaves the connection as it was.
            work(&connection.lock().unwrap_or_else(PoisonError::into_inner))
        });
        running
            .await
            .map_err(StoreError::Thread)?
            .map_err(StoreError::Sqlite)
    }

    pub(crate) async fn add_author(&self, author: NewAuthor) -> Result<i64> {
        let sql = "INSERT INTO authors (id, email, name, password_hash) VALUES (1, ?1, ?2, ?3)
                   ON CONFLICT DO NOTHING";
        let added = self.run(move |connection| {
            connection.execute(
                sql,
                params![author.email, author.name, author.password_hash],
            )
        });
        if added.await? == 0 {
            Err(StoreError::AuthorExists)
        } else {
            Ok(1)
        }
    }

    pub(crate) async fn has_author(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM authors)";
        self.run(move |connection| connection.query_row(sql, [], |row| row.get(0)))
            .await
    }

    pub(crate) async fn author(&self, id: i64) -> Result<Option<Author>> {
        let sql = "SELECT id, email, name, password_hash FROM authors WHERE id = ?1";
        self.run(move |connection| connection.query_row(sql, [id], author).optional())
            .await
    }

    pub(crate) async fn author_by_email(&self, email: String) -> Result<Option<Author>> {
        let sql = "SELECT id, email, name, password_hash FROM authors WHERE email = ?1";
        self.run(move |connection| connection.query_row(sql, [email], author).optional())
            .await
    }

    pub(crate) async fn newest(&self, limit: i64) -> Result<Vec<Entry>> {
        let sql = format!("SELECT {ENTRY} ORDER BY published_at DESC, entries.id DESC LIMIT ?1");
        let found = self.run(move |connection| {
            let mut statement = connection.prepare(&sql)?;
            let rows = statement.query_map([limit], entry)?;
            rows.collect()
        });
        found.await
    }

    pub(crate) async fn entry(&self, slug: String) -> Result<Option<Entry>> {
        let sql = format!("SELECT {ENTRY} WHERE slug = ?1");
        self.run(move |connection| connection.query_row(&sql, [slug], entry).optional())
            .await
    }

    pub(crate) async fn entry_by_id(&self, id: i64) -> Result<Option<Entry>> {
        let sql = format!("SELECT {ENTRY} WHERE entries.id = ?1");
        self.run(move |connection| connection.query_row(&sql, [id], entry).optional())
            .await
    }

    pub(crate) async fn add_entry(
        &self,
        author: i64,
        slug: String,
        draft: Draft,
    ) -> Result<String> {
        let sql = "INSERT INTO entries (author_id, slug, title, markdown, html)
                   VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT (slug) DO NOTHING";
        let added = self.run(move |connection| {
            for number in 1..MAX_TRIES {
                let slug = numbered(&slug, number);
                let values = params![author, slug, draft.title, draft.markdown, draft.html];
                if connection.execute(sql, values)? == 1 {
                    return Ok(Some(slug));
                }
            }
            Ok(None)
        });
        added.await?.ok_or(StoreError::NoSlug)
    }

    pub(crate) async fn change_entry(&self, id: i64, draft: Draft) -> Result<Option<String>> {
        let sql = "UPDATE entries SET title = ?2, markdown = ?3, html = ?4,
                       updated_at = strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
                   WHERE id = ?1 RETURNING slug";
        let changed = self.run(move |connection| {
            let values = params![id, draft.title, draft.markdown, draft.html];
            connection
                .query_row(sql, values, |row| row.get(0))
                .optional()
        });
        changed.await
    }
}

fn author(row: &Row<'_>) -> rusqlite::Result<Author> {
    Ok(Author {
        id: row.get(0)?,
        email: row.get(1)?,
        name: row.get(2)?,
        password_hash: row.get(3)?,
    })
}

fn entry(row: &Row<'_>) -> rusqlite::Result<Entry> {
    let published_at: String = row.get(6)?;
    Ok(Entry {
        id: row.get(0)?,
        author: row.get(1)?,
        slug: row.get(2)?,
        title: row.get(3)?,
        markdown: row.get(4)?,
        html: row.get(5)?,
        day: published_at.chars().take(10).collect(),
        published_at,
        updated_at: row.get(7)?,
    })
}
