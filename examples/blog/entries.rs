//! Reading and writing entries.

use waterspout::{HttpError, RequestHandler, Result, context};

use super::markup;
use super::site::{Context, Site};
use super::store::{Author, Draft, Entry};

/// Entries of the home page, and of the feed.
const ON_HOME: i64 = 5;
const IN_FEED: i64 = 10;
const IN_ARCHIVE: i64 = 10_000;

/// Letters of a title at the most.
const MAX_TITLE: usize = 200;

pub(crate) async fn home(cx: &mut Context) -> Result {
    let entries = cx.app().store.newest(ON_HOME).await?;
    cx.render("home.html", context! { entries })
}

pub(crate) async fn archive(cx: &mut Context) -> Result {
    let entries = cx.app().store.newest(IN_ARCHIVE).await?;
    cx.render("archive.html", context! { entries })
}

pub(crate) async fn feed(cx: &mut Context) -> Result {
    let entries = cx.app().store.newest(IN_FEED).await?;
    let newest = entries.iter().map(|entry| &*entry.updated_at).max();
    let updated = newest.unwrap_or("1970-01-01T00:00:00Z").to_owned();
    cx.set_header("Content-Type", "application/atom+xml; charset=utf-8")?;
    cx.render("feed.xml", context! { entries, updated })
}

pub(crate) async fn show(cx: &mut Context) -> Result {
    let slug: String = cx.path("slug")?;
    let entry = cx
        .app()
        .store
        .entry(slug)
        .await?
        .ok_or(HttpError::NOT_FOUND)?;
    cx.render("entry.html", context! { entry })
}

/// `/compose`: a new entry, or with `id` one that is there.
#[derive(Clone)]
pub(crate) struct Compose;

impl RequestHandler<Site> for Compose {
    async fn get(&mut self, cx: &mut Context) -> Result<()> {
        cx.require_user::<Author>().await?;
        let entry = match cx.argument_optional("id")? {
            Some(id) => Some(find(cx, number(&id)?).await?),
            None => None,
        };
        cx.render("compose.html", context! { entry })
    }

    async fn post(&mut self, cx: &mut Context) -> Result<()> {
        let author = cx.require_user::<Author>().await?;
        let (title, markdown) = (cx.body_argument("title")?, cx.body_argument("markdown")?);
        if title.is_empty() || title.chars().count() > MAX_TITLE {
            cx.set_status(HttpError::BAD_REQUEST.status());
            let problem = format!("A title is needed, of at most {MAX_TITLE} letters.");
            let entry = context! { title, markdown };
            return cx.render("compose.html", context! { problem, entry });
        }
        let draft = Draft {
            html: markup::to_html(&markdown),
            title,
            markdown,
        };
        let slug = match cx.body_arguments("id")?.first() {
            Some(id) => {
                let changed = cx.app().store.change_entry(number(id)?, draft).await?;
                changed.ok_or(HttpError::NOT_FOUND)?
            }
            None => {
                let slug = markup::slug(&draft.title);
                cx.app().store.add_entry(author.id, slug, draft).await?
            }
        };
        let url = cx.reverse_url("entry", [slug])?;
        cx.redirect(&url)
    }
}

async fn find(cx: &Context, id: i64) -> Result<Entry> {
    let entry = cx.app().store.entry_by_id(id).await?;
    Ok(entry.ok_or(HttpError::NOT_FOUND)?)
}

fn number(id: &str) -> Result<i64> {
    Ok(id
        .parse()
        .map_err(|_| HttpError::bad_request("id is no number"))?)
}
