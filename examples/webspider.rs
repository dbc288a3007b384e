//! Visits every page below a URL, ten at a time, and says what it found: a queue of URLs with several
//! workers, as in Tornado's guide. `cargo run --example webspider -- http://localhost:8888/`

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use clap::Parser;
use waterspout::http::client::{FetchError, HttpClient};
use waterspout::net::sync::Queue;
use waterspout::net::task::{boxed, gather};
use waterspout::net::{IoLoop, TimedOut};

/// Visits every page below a URL.
#[derive(Debug, Parser)]
struct Flags {
    /// Where to begin; only URLs that begin with this one are visited.
    #[arg(default_value = "http://localhost:8888/")]
    url: String,
    /// Pages that are fetched at the same time.
    #[arg(long, default_value_t = 10)]
    concurrency: usize,
    /// Seconds after which to give up.
    #[arg(long, default_value_t = 300)]
    patience: u64,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let flags = Flags::parse();
    let report = IoLoop::new()?.run_sync(crawl(&flags))?;
    for (url, why) in &report.dead {
        println!("cannot fetch {url}: {why}");
    }
    println!("fetched {} URLs", report.fetched.len());
    Ok(())
}

/// What was found.
#[derive(Debug, Default)]
struct Report {
    /// Every URL that was begun.
    fetching: BTreeSet<String>,
    fetched: BTreeSet<String>,
    dead: BTreeMap<String, String>,
}

/// Visits all; the error says that time is over.
async fn crawl(flags: &Flags) -> Result<Report, TimedOut> {
    let client = HttpClient::new();
    let (queue, report) = (Queue::new(0), RefCell::new(Report::default()));
    queue.put(Some(flags.url.clone())).await;
    let workers = (0..flags.concurrency.max(1)).map(|_| {
        boxed(async {
            // `None` sends a worker home.
            while let Some(url) = queue.get().await {
                visit(&client, flags, &queue, &report, url).await;
                queue.task_done().expect("one for each that was got");
            }
        })
    });
    let end = boxed(async {
        let joined = queue
            .join_timeout(Duration::from_secs(flags.patience))
            .await;
        if joined.is_ok() {
            for _ in 0..flags.concurrency.max(1) {
                queue.put(None).await;
            }
        }
        joined
    });
    tokio::select! {
        biased;
        Err(late) = end => return Err(late),
        _ = gather(workers) => {}
    }
    Ok(report.into_inner())
}

/// Fetches a page that nobody has begun, and queues what it links to.
async fn visit(
    client: &HttpClient,
    flags: &Flags,
    queue: &Queue<Option<String>>,
    report: &RefCell<Report>,
    url: String,
) {
    if !report.borrow_mut().fetching.insert(url.clone()) {
        return;
    }
    match links(client, &url).await {
        Ok(found) => {
            report.borrow_mut().fetched.insert(url);
            for link in found {
                if link.starts_with(&flags.url) && !report.borrow().fetching.contains(&link) {
                    queue.put(Some(link)).await;
                }
            }
        }
        Err(error) => {
            report.borrow_mut().dead.insert(url, error.to_string());
        }
    }
}

/// Fetches a page and returns the URLs that it links to, without their fragments.
async fn links(client: &HttpClient, url: &str) -> Result<BTreeSet<String>, FetchError> {
    let response = client.fetch(url).await?;
    let is_page = |value: &str| value.starts_with("text/html");
    if !response.headers().get("content-type").is_some_and(is_page) {
        return Ok(BTreeSet::new());
    }
    // Links are relative to where redirects have led.
    let base = response.effective_url();
    let found = hrefs(&response.text())
        .filter_map(|link| join(base, link))
        .collect();
    Ok(found)
}

/// Finds the `href="…"` of a page. A browser would parse it; a spider of a few lines looks.
fn hrefs(page: &str) -> impl Iterator<Item = &str> {
    page.split("href=").skip(1).filter_map(|rest| {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        rest[1..].split_once(quote).map(|(link, _)| link.trim())
    })
}

/// Resolves a link against the URL of its page (RFC 3986 §5.2); `None` for what is not HTTP.
fn join(base: &str, link: &str) -> Option<String> {
    let link = link.split('#').next().unwrap_or_default();
    let (scheme, rest) = base.split_once("://")?;
    let (host, path) = match rest.find('/') {
        Some(at) => rest.split_at(at),
        None => (rest, "/"),
    };
    let path = path.split('?').next().unwrap_or_default();
    if link.starts_with("http://") || link.starts_with("https://") {
        return Some(link.to_owned());
    }
    if let Some(other_host) = link.strip_prefix("//") {
        return Some(format!("{scheme}://{other_host}"));
    }
    let first_segment = link.split(['/', '?']).next().unwrap_or_default();
    if first_segment.contains(':') {
        return None;
    }
    let (way, query) = match link.find('?') {
        Some(at) => link.split_at(at),
        None => (link, ""),
    };
    let whole = match way {
        "" => path.to_owned(),
        _ if way.starts_with('/') => way.to_owned(),
        _ => format!("{}{way}", &path[..=path.rfind('/')?]),
    };
    Some(format!("{scheme}://{host}{}{query}", without_dots(&whole)))
}

/// Takes `.` and `..` out of a path (RFC 3986 §5.2.4).
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let mut segments = path.split('/').skip(1).peekable();
    while let Some(segment) = segments.next() {
        let last = segments.peek().is_none();
        match segment {
            "." => {}
            ".." => _ = kept.pop(),
            _ => kept.push(segment),
        }
        if last && matches!(segment, "." | "..") {
            kept.push("");
        }
    }
    format!("/{}", kept.join("/"))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::rc::Rc;

    use waterspout::http::server::{HttpServer, ServerConfig};
    use waterspout::net::{BindOptions, IoLoop, Listener, bind_sockets};
    use waterspout::{Application, Context, HttpError};

    use super::{Flags, crawl, join};

    #[test]
    fn links_are_resolved_against_their_page() {
        let base = "http://site.example/a/b/page?q";
        for (link, expected) in [
            ("other", "http://site.example/a/b/other"),
            ("../up?x=1#top", "http://site.example/a/up?x=1"),
            ("./", "http://site.example/a/b/"),
            ("..", "http://site.example/a/"),
            ("/root", "http://site.example/root"),
            ("/../../x/./y", "http://site.example/x/y"),
            ("?page=2", "http://site.example/a/b/page?page=2"),
            ("#here", "http://site.example/a/b/page"),
            ("//other.example/x", "http://other.example/x"),
            ("https://secure.example/", "https://secure.example/"),
        ] {
            assert_eq!(join(base, link).as_deref(), Some(expected), "{link}");
        }
        assert_eq!(join(base, "mailto:me@site.example"), None);
        assert_eq!(
            join("http://site.example", "x").unwrap(),
            "http://site.example/x"
        );
    }

    /// Pages in a ring, a few dead links, and how many are being served at once.
    struct Site {
        now: Rc<Cell<usize>>,
        most: Rc<Cell<usize>>,
    }

    async fn page(cx: &mut Context<Site>) -> Result<waterspout::Html<String>, waterspout::Error> {
        let number: u32 = cx.path("number")?;
        let (now, most) = (Rc::clone(&cx.app().now), Rc::clone(&cx.app().most));
        now.set(now.get() + 1);
        most.set(most.get().max(now.get()));
        for _ in 0..20 {
            tokio::task::yield_now().await;
        }
        now.set(now.get() - 1);
        if number == 13 {
            return Err(HttpError::NOT_FOUND.into());
        }
        let next = |step: u32| (number * 3 + step) % 40;
        Ok(waterspout::Html(format!(
            "<a href=\"{}\">one</a> <a href='/pages/{}#part'>two</a> <a href=\"http://elsewhere.example/\">",
            next(1),
            next(2)
        )))
    }

    #[test]
    fn every_page_below_the_first_is_fetched_once_and_several_at_a_time() {
        let (now, most) = (Rc::new(Cell::new(0)), Rc::new(Cell::new(0)));
        let site = Site {
            now,
            most: Rc::clone(&most),
        };
        let app = Application::new(site)
            .get("/pages/", async |_: &mut Context<Site>| {
                waterspout::Html("<a href='0'>begin</a>")
            })
            .get("/pages/{number}", page);
        let report = IoLoop::new().unwrap().run_sync(async {
            let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
            let options = BindOptions::default().address("127.0.0.1");
            let socket = bind_sockets(0, options).unwrap().remove(0);
            let port = socket.local_addr().unwrap().port().unwrap();
            server.serve(Listener::from_bound(socket).unwrap());
            let flags = Flags {
                url: format!("http://127.0.0.1:{port}/pages/"),
                concurrency: 4,
                patience: 30,
            };
            crawl(&flags).await.unwrap()
        });
        assert_eq!(report.fetching.len(), 41);
        assert_eq!((report.fetched.len(), report.dead.len()), (40, 1));
        let (url, why) = report.dead.first_key_value().unwrap();
        assert!(
            url.ends_with("/pages/13") && why.contains("404"),
            "{url}: {why}"
        );
        assert!((2..=4).contains(&most.get()), "{} at once", most.get());
    }
}
