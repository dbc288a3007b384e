//! A page made of a template, and the choice of a language.

use serde::Serialize;
use waterspout::locale::Locales;
use waterspout::template::Templates;
use waterspout::{Application, Context, Html, Result, context};

/// Registers the pages, and what they need.
pub(crate) fn add_to(app: Application) -> Application {
    let templates = Templates::embedded([("fortunes.html", include_str!("fortunes.html"))]);
    app.templates(templates)
        .locales(locales().expect("the translations are well formed"))
        .user_locale(|cx: &mut Context| cx.cookie("locale"))
        .get("/fortunes", fortunes)
        .get("/fortunes/askama", compiled)
        .get("/locale", locale)
}

#[derive(Debug, Clone, Serialize)]
struct Fortune {
    id: u32,
    message: &'static str,
}

/// What a database would say; the rows of the benchmark that the page is known from.
const STORED: [&str; 11] = [
    "fortune: No such file or directory",
    "A computer scientist is someone who fixes things that aren't broken.",
    "After enough decimal places, nobody gives a damn.",
    "A bad random number generator: 1, 1, 1, 1, 1, 4.33e+67, 1, 1, 1",
    "A computer program does what you tell it to do, not what you want it to do.",
    "Emacs is a nice operating system, but I prefer UNIX. — Tom Christaensen",
    "Any program that runs right is obsolete.",
    "A list is only as strong as its weakest link. — Donald Knuth",
    "Feature: A bug with seniority.",
    "<script>alert(\"This should not be displayed in a browser alert box.\");</script>",
    "フレームワークのベンチマーク",
];

/// Twelve rows, escaped.
async fn fortunes(cx: &mut Context) -> Result {
    cx.render("fortunes.html", context! { fortunes => rows() })
}

/// The same by an engine that works while the program is compiled.
#[derive(askama::Template)]
#[template(path = "fortunes.html")]
struct Page {
    fortunes: Vec<Fortune>,
}

async fn compiled(_cx: &mut Context) -> Result<Html<String>> {
    let page = Page { fortunes: rows() };
    Ok(Html(askama::Template::render(&page)?))
}

/// Those that are stored and one that is added, sorted.
fn rows() -> Vec<Fortune> {
    let stored = STORED.iter().zip(1..);
    let mut fortunes: Vec<Fortune> = stored
        .map(|(message, id)| Fortune { id, message })
        .collect();
    fortunes.push(Fortune {
        id: 0,
        message: "Additional fortune added at request time.",
    });
    fortunes.sort_by_key(|fortune| fortune.message);
    fortunes
}

fn locales() -> Result<Locales> {
    let mut locales = Locales::new();
    for code in ["es_LA", "fr_FR", "zh_CN", "fa_IR"] {
        locales = locales.with_csv(code, "")?;
    }
    Ok(locales)
}

/// The code of the locale: the cookie `locale` chooses, or the browser.
async fn locale(cx: &mut Context) -> String {
    format!("{}\n", cx.locale())
}
