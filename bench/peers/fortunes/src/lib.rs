//! The page of twelve fortunes, as a peer makes it: with minijinja, which compiles templates at run time, and with
//! askama, which the compiler does. Rows and markup are those of Waterspout's `testbed`.

use askama::Template;
use minijinja::Environment;
use serde::Serialize;

/// A row of the page.
#[derive(Debug, Clone, Serialize)]
pub struct Fortune {
    /// Number of the row.
    pub id: u32,
    /// Its text, which is escaped.
    pub message: &'static str,
}

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

/// The rows of a request: those that are stored and one more, sorted.
pub fn fortunes() -> Vec<Fortune> {
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

/// Sets minijinja up, once for a server.
///
/// # Panics
///
/// When the template is broken.
pub fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    environment
        .add_template("fortunes.html", include_str!("../templates/minijinja.html"))
        .expect("the template is well formed");
    environment
}

/// Makes the page with minijinja.
///
/// # Errors
///
/// Fails if the template does.
pub fn with_minijinja(environment: &Environment<'static>) -> Result<String, minijinja::Error> {
    let fortunes = minijinja::value::Value::from(minijinja::value::Serde(fortunes()));
    let values = minijinja::context! { fortunes };
    environment.get_template("fortunes.html")?.render(values)
}

#[derive(Template)]
#[template(path = "askama.html")]
struct Page {
    fortunes: Vec<Fortune>,
}

/// Makes the page with askama.
///
/// # Errors
///
/// Fails if the template does.
pub fn with_askama() -> askama::Result<String> {
    let page = Page {
        fortunes: fortunes(),
    };
    page.render()
}
