//! One page in English, Spanish, Chinese and Persian, which is written from right to left:
//! `cargo run --release --example i18n`, then open http://localhost:8888/.
//!
//! The browser's languages decide, until the visitor chooses one; the choice is kept in a cookie. The
//! translations are CSV files, made part of the program.

use std::time::SystemTime;

use clap::Parser;
use waterspout::locale::Locales;
use waterspout::template::Templates;
use waterspout::{Application, Context, CookieOptions, HttpError, HttpServer, Result, context};

#[derive(Debug, Parser)]
struct Flags {
    /// Port to listen on; 0 takes any that is free.
    #[arg(long, default_value_t = 8888)]
    port: u16,
}

fn locales() -> Result<Locales> {
    Ok(Locales::new()
        .with_csv("es_ES", include_bytes!("translations/es_ES.csv"))?
        .with_csv("zh_CN", include_bytes!("translations/zh_CN.csv"))?
        .with_csv("fa_IR", include_bytes!("translations/fa_IR.csv"))?)
}

async fn home(cx: &mut Context) -> Result {
    let locales = cx.locales();
    let languages: Vec<_> = locales
        .codes()
        .filter_map(|code| Some((code.to_owned(), locales.get(code)?.name())))
        .collect();
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let visitors = 1_234;
    let values = context! { languages, visitors, now => now.as_secs() };
    cx.render("page.html", values)
}

/// Keeps the visitor's choice; what is no language of ours is a 404.
async fn choose(cx: &mut Context) -> Result {
    let code: String = cx.path("code")?;
    let locale = cx.locales().get(&code).ok_or(HttpError::NOT_FOUND)?;
    let year = CookieOptions::new().expires_days(365.0);
    cx.set_cookie_with("language", locale.code(), &year)?;
    cx.redirect("/")
}

fn app() -> Result<Application> {
    let templates = Templates::embedded([("page.html", include_str!("page.html"))]);
    templates.check()?;
    Ok(Application::new(())
        .locales(locales()?)
        .user_locale(|cx: &mut Context| cx.cookie("language"))
        .templates(templates)
        .get("/", home)
        .get("/language/{code}", choose))
}

fn main() -> Result {
    let flags = Flags::parse();
    drop(app()?); // wrong translations are found here
    let server = HttpServer::new(|| app().expect("it was checked")).listen(flags.port)?;
    for address in server.addresses() {
        println!("listening on {address}");
    }
    server.run()
}

#[cfg(test)]
mod tests {
    use waterspout::http::client::HttpRequest;
    use waterspout::net::IoLoop;
    use waterspout::testing::serve;

    use super::*;

    fn page(field: &str, value: &str) -> String {
        IoLoop::new().unwrap().run_sync(async {
            let server = serve(app().unwrap());
            let request = HttpRequest::get(server.url("/")).header(field, value);
            server.fetch(request).await.text().into_owned()
        })
    }

    #[test]
    fn each_language_has_its_texts_and_its_direction() {
        for (accept, direction, words) in [
            (
                "en-US",
                "ltr",
                ["Welcome", "1,234 visitors", "English (US)"],
            ),
            (
                "es-ES,en;q=0.5",
                "ltr",
                ["Bienvenidos", "1234 visitantes", "Español"],
            ),
            ("zh-Hans-CN", "ltr", ["欢迎", "1234 位访客", "中文"]),
            ("fa-IR", "rtl", ["خوش آمدید", "1234 بازدیدکننده", "فارسی"]),
        ] {
            let page = page("Accept-Language", accept);
            assert!(page.contains(&format!("dir=\"{direction}\"")), "{accept}");
            for word in words {
                assert!(page.contains(word), "{accept} {word}: {page}");
            }
        }
    }

    #[test]
    fn the_choice_of_the_visitor_is_kept() {
        assert!(page("Cookie", "language=zh_CN").contains("欢迎"));
        IoLoop::new().unwrap().run_sync(async {
            let server = serve(app().unwrap());
            let choose = HttpRequest::get(server.url("/language/fa-ir")).follow_redirects(false);
            let response = server.fetch(choose).await;
            assert_eq!(response.code(), 302);
            let cookie = response.headers().get("Set-Cookie").unwrap();
            assert!(cookie.starts_with("language=fa_IR;"), "{cookie}");
            assert_eq!(server.get("/language/xx").await.code(), 404);
        });
    }
}
