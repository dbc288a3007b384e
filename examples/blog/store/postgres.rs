//! PostgreSQL, over the network: its client is made for tokio and runs on the loop.

use std::cell::RefCell;
use std::rc::Rc;

use tokio_postgres::{Client, NoTls, Row};

use super::{Author, Draft, ENTRY, Entry, MAX_TRIES, NewAuthor, Result, StoreError, numbered};

const SCHEMA: &str = "
    CREATE TABLE IF NOT EXISTS authors (
        id BIGINT PRIMARY KEY CHECK (id = 1),
        email TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        password_hash TEXT NOT NULL
    );
    CREATE TABLE IF NOT EXISTS entries (
        id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        author_id BIGINT NOT NULL REFERENCES authors (id),
        slug TEXT NOT NULL UNIQUE,
        title TEXT NOT NULL,
        markdown TEXT NOT NULL,
        html TEXT NOT NULL,
        published_at TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"'),
        updated_at TEXT NOT NULL DEFAULT to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
    );
    CREATE INDEX IF NOT EXISTS entries_by_time ON entries (published_at, id);
";

/// A number that every instance locks while it makes the tables: two at once would collide.
const SCHEMA_LOCK: i64 = 0x626c_6f67;

#[derive(Debug)]
pub(crate) struct Postgres {
    url: String,
    /// One connection for each worker; requests share it, and their queries are pipelined.
    client: RefCell<Option<Rc<Client>>>,
}

impl Postgres {
    /// Connects at the first query, and again when the connection has broken.
    pub(crate) fn new(url: &str) -> Self {
        Self {
            url: url.to_owned(),
            client: RefCell::default(),
        }
    }

    async fn client(&self) -> Result<Rc<Client>, tokio_postgres::Error> {
        let open = self
            .client
            .borrow()
            .clone()
            .filter(|client| !client.is_closed());
        if let Some(client) = open {
            return Ok(client);
        }
        let (mut client, connection) = tokio_postgres::connect(&self.url, NoTls).await?;
        tokio::task::spawn_local(async move {
            if let Err(error) = connection.await {
                tracing::error!("the connection to PostgreSQL broke: {error}");
            }
        });
        let transaction = client.transaction().await?;
        transaction
            .execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK])
            .await?;
        transaction.batch_execute(SCHEMA).await?;
        transaction.commit().await?;
        let client = Rc::new(client);
        self.client.replace(Some(Rc::clone(&client)));
        Ok(client)
    }

    pub(crate) async fn add_author(&self, author: NewAuthor) -> Result<i64> {
        let sql = "INSERT INTO authors (id, email, name, password_hash) VALUES (1, $1, $2, $3)
                   ON CONFLICT DO NOTHING";
        let client = self.client().await?;
        let added = client
            .execute(sql, &[&author.email, &author.name, &author.password_hash])
            .await?;
        if added == 0 {
            Err(StoreError::AuthorExists)
        } else {
            Ok(1)
        }
    }

    pub(crate) async fn has_author(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM authors)";
        Ok(self.client().await?.query_one(sql, &[]).await?.try_get(0)?)
    }

    pub(crate) async fn author(&self, id: i64) -> Result<Option<Author>> {
        let sql = "SELECT id, email, name, password_hash FROM authors WHERE id = $1";
        let row = self.client().await?.query_opt(sql, &[&id]).await?;
        Ok(row.as_ref().map(author).transpose()?)
    }

    pub(crate) async fn author_by_email(&self, email: String) -> Result<Option<Author>> {
        let sql = "SELECT id, email, name, password_hash FROM authors WHERE email = $1";
        let row = self.client().await?.query_opt(sql, &[&email]).await?;
        Ok(row.as_ref().map(author).transpose()?)
    }

    pub(crate) async fn newest(&self, limit: i64) -> Result<Vec<Entry>> {
        let sql = format!("SELECT {ENTRY} ORDER BY published_at DESC, entries.id DESC LIMIT $1");
        let rows = self.client().await?.query(&sql, &[&limit]).await?;
        Ok(rows.iter().map(entry).collect::<Result<_, _>>()?)
    }

    pub(crate) async fn entry(&self, slug: String) -> Result<Option<Entry>> {
        let sql = format!("SELECT {ENTRY} WHERE slug = $1");
        let row = self.client().await?.query_opt(&sql, &[&slug]).await?;
        Ok(row.as_ref().map(entry).transpose()?)
    }

    pub(crate) async fn entry_by_id(&self, id: i64) -> Result<Option<Entry>> {
        let sql = format!("SELECT {ENTRY} WHERE entries.id = $1");
        let row = self.client().await?.query_opt(&sql, &[&id]).await?;
        Ok(row.as_ref().map(entry).transpose()?)
    }

    pub(crate) async fn add_entry(
        &self,
        author: i64,
        slug: String,
        draft: Draft,
    ) -> Result<String> {
        let sql = "INSERT INTO entries (author_id, slug, title, markdown, html)
                   VALUES ($1, $2, $3, $4, $5) ON CONFLICT (slug) DO NOTHING";
        let client = self.client().await?;
        for number in 1..MAX_TRIES {
            let slug = numbered(&slug, number);
            let added = client
                .execute(
                    sql,
                    &[&author, &slug, &draft.title, &draft.markdown, &draft.html],
                )
                .await?;
            if added == 1 {
                return Ok(slug);
            }
        }
        Err(StoreError::NoSlug)
    }

    pub(crate) async fn change_entry(&self, id: i64, draft: Draft) -> Result<Option<String>> {
        let sql = "UPDATE entries SET title = $2, markdown = $3, html = $4,
                       updated_at = to_char(now() AT TIME ZONE 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
                   WHERE id = $1 RETURNING slug";
        let client = self.client().await?;
        let row = client
            .query_opt(sql, &[&id, &draft.title, &draft.markdown, &draft.html])
            .await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }
}

impl From<tokio_postgres::Error> for StoreError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Postgres(error)
    }
}

fn author(row: &Row) -> Result<Author, tokio_postgres::Error> {
    Ok(Author {
        id: row.try_get(0)?,
        email: row.try_get(1)?,
        name: row.try_get(2)?,
        password_hash: row.try_get(3)?,
    })
}

fn entry(row: &Row) -> Result<Entry, tokio_postgres::Error> {
    let published_at: String = row.try_get(6)?;
    Ok(Entry {
        id: row.try_get(0)?,
        author: row.try_get(1)?,
        slug: row.try_get(2)?,
        title: row.try_get(3)?,
        markdown: row.try_get(4)?,
        html: row.try_get(5)?,
        day: published_at.chars().take(10).collect(),
        published_at,
        updated_at: row.try_get(7)?,
    })
}
