//! The jar at work: cookies of responses, kept and sent on.

use waterspout_http::client::{ClientConfig, CookieJar, HttpClient, HttpRequest};

use crate::peer::{Act, peer, peer_once, send};
use crate::support::run;

fn client() -> (HttpClient, CookieJar) {
    let jar = CookieJar::new();
    let config = ClientConfig::default().cookie_jar(jar.clone());
    (HttpClient::with_config(config), jar)
}

fn cookie(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("Cookie: "))
}

#[test]
fn cookies_are_kept_and_sent_across_redirects() {
    run(async {
        let login = "HTTP/1.1 303 S\r\nSet-Cookie: id=1; Path=/\r\nSet-Cookie: b=2; HttpOnly\r\n\
                     Location: /home\r\nContent-Length: 0\r\n\r\n";
        let home = "HTTP/1.1 200 OK\r\nSet-Cookie: b=; Max-Age=0\r\nContent-Length: 0\r\n\r\n";
        let acts = [
            Act::Head,
            send(login),
            Act::Head,
            send(home),
            Act::Head,
            send(home),
        ];
        let peer = peer_once(&acts).await;
        let (client, jar) = client();
        client
            .fetch(HttpRequest::post(format!("{}login", peer.url)).form([]))
            .await
            .unwrap();
        assert_eq!(jar.len(), 1);
        client.fetch(&peer.url).await.unwrap();
        let heard = peer.heard.borrow();
        let sent: Vec<_> = heard.iter().map(|head| cookie(head)).collect();
        assert_eq!(sent, [None, Some("id=1; b=2"), Some("id=1")]);
    });
}

#[test]
fn a_request_that_has_cookies_of_its_own_sends_those() {
    run(async {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(ok), Act::Hold]).await;
        let (client, jar) = client();
        jar.set(&peer.url, "a=jar").unwrap();
        client
            .fetch(HttpRequest::get(&peer.url).header("Cookie", "a=mine"))
            .await
            .unwrap();
        assert_eq!(cookie(&peer.heard.borrow()[0]), Some("a=mine"));
    });
}

#[test]
fn another_origin_gets_its_own_cookies_and_no_others() {
    // CVE-2026-49853: cookies of the jar go by host, those of the request by origin.
    run(async {
        let ok = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
        let other = peer([&[Act::Head, send(ok), Act::Hold]]).await;
        let there = other.url.replace("127.0.0.1", "localhost");
        let to = format!("HTTP/1.1 302 F\r\nContent-Length: 0\r\nLocation: {there}\r\n\r\n");
        let first = peer_once(&[Act::Head, send(to), Act::Hold]).await;
        let (client, jar) = client();
        jar.set(&first.url, "a=secret").unwrap();
        jar.set(&there, "b=there").unwrap();
        client
            .fetch(HttpRequest::get(&first.url).header("Cookie", "c=mine"))
            .await
            .unwrap();
        assert_eq!(cookie(&first.heard.borrow()[0]), Some("c=mine"));
        assert_eq!(cookie(&other.heard.borrow()[0]), Some("b=there"));
    });
}

#[test]
fn a_status_that_is_an_error_sets_cookies_too() {
    run(async {
        let no = "HTTP/1.1 403 No\r\nSet-Cookie: a=b\r\nContent-Length: 0\r\n\r\n";
        let peer = peer_once(&[Act::Head, send(no)]).await;
        let (client, jar) = client();
        assert_eq!(client.fetch(&peer.url).await.unwrap_err().code(), 403);
        assert_eq!(jar.header(&peer.url).unwrap().unwrap(), b"a=b");
    });
}
