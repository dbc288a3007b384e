//! Redirects, by Tornado 6.6.1's rules.

use http::Method;
use waterspout_http::client::{ClientConfig, HttpClient, HttpRequest};

use crate::support::{fetch, mirrors, run};

#[test]
fn follows_to_the_end_and_keeps_the_first_request() {
    run(async {
        let (_server, url) = mirrors();
        let response = fetch(format!("{url}/a/b?302=../c")).await.unwrap();
        assert_eq!(response.effective_url(), format!("{url}/c"));
        assert!(response.request().url().ends_with("?302=../c"));
        let request = HttpRequest::get(format!("{url}/?302=/c")).follow_redirects(false);
        assert_eq!(fetch(request.raise_error(false)).await.unwrap().code(), 302);
    });
}

#[test]
fn methods_change_as_browsers_change_them() {
    run(async {
        let (_server, url) = mirrors();
        for (status, method, expected) in [
            (301, Method::POST, "GET"),
            (302, Method::POST, "GET"),
            (303, Method::POST, "GET"),
            (307, Method::POST, "POST"),
            (308, Method::POST, "POST"),
            (301, Method::PUT, "PUT"),
            (302, Method::PUT, "PUT"),
            (303, Method::PUT, "GET"),
            (307, Method::PUT, "PUT"),
            (302, Method::DELETE, "DELETE"),
            (303, Method::DELETE, "GET"),
        ] {
            let mut request = HttpRequest::new(method.clone(), format!("{url}/?{status}=/end"));
            if method != Method::DELETE {
                request = request.form([("a", "b")]);
            }
            let text = fetch(request).await.unwrap().text().into_owned();
            assert!(
                text.starts_with(&format!("{expected} /end\n")),
                "{status} {method}: {text}"
            );
            let body = expected != "GET" && method != Method::DELETE;
            assert_eq!(text.ends_with("\n\na=b"), body, "{status} {method}: {text}");
            assert_eq!(text.contains("Content-"), body, "{status} {method}: {text}");
        }
        let head = fetch(HttpRequest::head(format!("{url}/?303=/end")))
            .await
            .unwrap();
        assert_eq!(head.effective_url(), format!("{url}/end"));
        assert!(head.body().is_empty());
    });
}

#[test]
fn the_limit_gives_the_redirect_itself() {
    run(async {
        let (_server, url) = mirrors();
        let request = HttpRequest::get(format!("{url}/?302=/?302=/?302=/end"));
        let error = fetch(request.clone().max_redirects(2)).await.unwrap_err();
        assert_eq!(error.code(), 302);
        assert_eq!(
            error.response().unwrap().effective_url(),
            format!("{url}/?302=/end")
        );
        assert_eq!(fetch(request.max_redirects(3)).await.unwrap().code(), 200);
        let endless = fetch(format!("{url}/?302=?302=?302=?302=?302=?302=?302=x")).await;
        assert_eq!(endless.unwrap_err().code(), 302);
        let nowhere = fetch(format!("{url}/?302")).await.unwrap_err();
        assert_eq!(nowhere.code(), 302);
    });
}

#[test]
fn credentials_stay_with_their_origin() {
    // CVE-2026-49853.
    run(async {
        let ((_one, here), (_other, there)) = (mirrors(), mirrors());
        let sent = async |first: &str, to: &str| {
            let request = HttpRequest::get(format!("{first}/?302={to}"))
                .header("Cookie", "a=b")
                .header("X-Mine", "c")
                .header("Host", "named.test")
                .auth("user", "password");
            fetch(request).await.unwrap().text().into_owned()
        };
        let same = sent(&here, "/end").await;
        assert!(
            same.contains("Cookie: a=b\n") && same.contains("Authorization: Basic"),
            "{same}"
        );
        assert!(!same.contains("named.test"), "{same}");
        let foreign = sent(&here, &format!("{there}/end")).await;
        assert!(
            !foreign.contains("Cookie") && !foreign.contains("Authorization"),
            "{foreign}"
        );
        assert!(foreign.contains("X-Mine: c\n"), "{foreign}");
        let user = there.replace("http://", "http://u:p@");
        let tempted = sent(&here, &format!("{user}/end")).await;
        assert!(!tempted.contains("Authorization"), "{tempted}");
        let back = sent(&here, &format!("{there}/?302={here}/end")).await;
        assert!(
            !back.contains("Cookie") && !back.contains("Authorization"),
            "{back}"
        );
        let in_url = here.replace("http://", "http://u:p@");
        let text = fetch(format!("{in_url}/?302={there}/end")).await.unwrap();
        assert!(!text.text().contains("Authorization"));
        let header = HttpRequest::get(format!("{here}/?302={there}/end"))
            .header("Authorization", "Bearer x");
        assert!(
            !fetch(header)
                .await
                .unwrap()
                .text()
                .contains("Authorization")
        );
    });
}

#[test]
fn another_scheme_is_an_error_at_once() {
    // Tornado 6.6.1.
    run(async {
        let (_server, url) = mirrors();
        for to in [
            "ftp://localhost/",
            "file:///etc/passwd",
            "javascript:alert(1)",
            "http://a:x/",
        ] {
            let error = fetch(format!("{url}/?302={to}")).await.unwrap_err();
            assert!(
                error.to_string().contains("redirect to nowhere"),
                "{to}: {error}"
            );
        }
    });
}

#[test]
fn one_place_in_the_pool_is_enough() {
    run(async {
        let (_server, url) = mirrors();
        let client = HttpClient::with_config(ClientConfig::default().max_clients(1));
        let response = client
            .fetch(format!("{url}/?302=/?302=/end"))
            .await
            .unwrap();
        assert_eq!(response.code(), 200);
        assert_eq!((client.gauges().active, client.gauges().idle), (0, 1));
    });
}
