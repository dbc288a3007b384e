//! The pages of the testbed that are made of templates, and its choice of a language.

use std::process::Command;

use waterspout::http::client::{HttpClient, HttpRequest};
use waterspout::net::IoLoop;

use crate::{program, testbed};

/// Fetches paths, each with one field in the head; gives the type and the text of each response.
fn fetch_each(requests: &[(&str, &str, &str)]) -> Vec<(String, String)> {
    IoLoop::new().unwrap().run_sync(async {
        let (server, _stdout, url) = testbed(Command::new(program("testbed"))).await;
        let client = HttpClient::new();
        let mut answers = Vec::new();
        for (path, field, value) in requests {
            let request = HttpRequest::get(format!("{url}{path}")).header(field, value);
            let response = client.fetch(request).await.unwrap();
            let type_of = response.headers().get("Content-Type").unwrap().to_owned();
            answers.push((type_of, response.text().into_owned()));
        }
        drop(client);
        server.terminate().unwrap();
        server.wait_for_success().await.unwrap();
        answers
    })
}

#[test]
fn both_pages_have_twelve_rows_in_order_and_escaped() {
    let every = ("Accept", "*/*");
    let paths = ["/fortunes", "/fortunes/askama"].map(|path| (path, every.0, every.1));
    for (type_of, page) in fetch_each(&paths) {
        assert_eq!(type_of, "text/html; charset=UTF-8");
        assert_eq!(page.matches("<tr><td>").count(), 12, "{page}");
        assert!(!page.contains("<script"));
        let (first, last) = (page.find("<td>4</td>"), page.find("<td>11</td>"));
        assert!(first < last && page.contains("<td>フレームワークのベンチマーク</td>"));
    }
}

#[test]
fn the_cookie_chooses_before_the_browser() {
    let answers = fetch_each(&[
        ("/locale", "Accept", "*/*"),
        ("/locale", "Accept-Language", "fr-FR,es;q=0.5"),
        ("/locale", "Cookie", "locale=zh_CN"),
        ("/locale", "Cookie", "locale=nonsense"),
    ]);
    let texts: Vec<&str> = answers.iter().map(|(_, text)| text.as_str()).collect();
    assert_eq!(texts, ["en_US\n", "fr_FR\n", "zh_CN\n", "en_US\n"]);
}
