//! A stream of posts made of UI modules, as Tornado's demo of Facebook's stream shows one, with posts of its
//! own: `cargo run --release --example facebook_style_modules`, then open http://localhost:8888/.
//!
//! The page calls `module("Post", post)` for each post, and a post calls `module("Likes", …)`. What they need of
//! CSS and JavaScript is in the page once, whatever the number of posts.

mod modules;

use clap::Parser;
use serde::{Deserialize, Serialize};
use waterspout::template::Templates;
use waterspout::{Application, HttpServer, Result, context};

use self::modules::{Likes, PostModule};

type Context = waterspout::Context<Stream>;

#[derive(Debug, Parser)]
struct Flags {
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 8888)]
    port: u16,
    /// Read the templates from this directory, and read changed ones again.
    #[arg(long)]
    templates: Option<std::path::PathBuf>,
}

/// What somebody has written.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Post {
    author: String,
    message: String,
    likes: u32,
}

struct Stream {
    posts: Vec<Post>,
}

impl Stream {
    fn new() -> Self {
        let post = |author: &str, message: &str, likes| Post {
            author: author.to_owned(),
            message: message.to_owned(),
            likes,
        };
        Self {
            posts: vec![
                post("Ann", "Read http://www.rust-lang.org/learn today!", 3),
                post(
                    "Bob",
                    "1 < 2 & <script>alert('nobody sees this')</script>",
                    1,
                ),
                post("Cem", "The sea is rough.", 0),
            ],
        }
    }
}

async fn home(cx: &mut Context) -> Result {
    let app = cx.app();
    cx.render("stream.html", context! { posts => app.posts })
}

fn app(templates: Templates) -> Application<Stream> {
    Application::new(Stream::new())
        .templates(templates)
        .ui_module("Post", PostModule)
        .ui_module("Likes", Likes)
        .get("/", home)
}

fn embedded() -> Templates {
    Templates::embedded([
        ("stream.html", include_str!("stream.html")),
        ("modules/post.html", include_str!("modules/post.html")),
    ])
}

fn main() -> Result {
    let flags = Flags::parse();
    let debug = flags.templates.is_some();
    let templates = match flags.templates {
        Some(directory) => Templates::directory(directory)?,
        None => embedded(),
    };
    templates.check()?;
    let server = HttpServer::new(move || app(templates.clone()).debug(debug)).listen(flags.port)?;
    for address in server.addresses() {
        println!("listening on {address}");
    }
    server.run()
}

#[cfg(test)]
mod tests {
    use waterspout::net::IoLoop;
    use waterspout::testing::serve;

    use super::*;

    fn page() -> String {
        IoLoop::new().unwrap().run_sync(async {
            let response = serve(app(embedded())).get("/").await;
            assert_eq!(response.code(), 200);
            response.text().into_owned()
        })
    }

    #[test]
    fn what_the_modules_need_is_in_the_page_once() {
        let page = page();
        assert_eq!(page.matches("<article class=\"post\">").count(), 3);
        assert_eq!(page.matches(".post {").count(), 1);
        assert_eq!(page.matches("addEventListener").count(), 1);
        let (head, body) = page.split_once("</head>").unwrap();
        assert!(head.contains("<style"));
        assert!(body.contains("<script"));
    }

    #[test]
    fn messages_are_escaped_and_their_urls_are_links() {
        let page = page();
        assert!(page.contains("1 &lt; 2 &amp; &lt;script&gt;"));
        assert!(page.contains("<a href=\"http://www.rust-lang.org/learn\""));
        assert!(page.contains("3 likes") && page.contains("1 like<"));
    }

    #[test]
    fn the_templates_on_disk_are_whole() {
        let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/facebook_style_modules");
        for name in ["stream.html", "modules/post.html"] {
            assert!(std::path::Path::new(directory).join(name).is_file());
        }
        embedded().check().unwrap();
    }
}
