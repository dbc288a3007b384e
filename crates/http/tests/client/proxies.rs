//! Requests through proxies, and what proxies must not and servers must not see.

use waterspout_http::client::{ClientConfig, HttpClient, HttpRequest, Proxy};

use crate::peer::{Act, answers, peer, peer_once, send};
use crate::relay::{Speaks, relay};
use crate::support::{fetch, mirrors, run};

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn port(url: &str) -> u16 {
    let digits = url.trim_end_matches('/').rsplit(':').next().unwrap();
    digits.parse().unwrap()
}

#[test]
fn http_goes_to_the_proxy_in_absolute_form() {
    run(async {
        let proxy = peer([&[Act::Head, send(OK), Act::Head, send(OK), Act::Hold]]).await;
        let settings = Proxy::http("127.0.0.1", port(&proxy.url)).auth("ada", "secret");
        let config = ClientConfig::default().proxy(settings);
        let client = HttpClient::with_config(config);
        let url = "http://u:p@origin.test:81/a b?q";
        for _ in 0..2 {
            assert_eq!(client.fetch(url).await.unwrap().body(), "ok");
        }
        let heard = proxy.heard.borrow();
        assert!(
            heard[0].starts_with("GET http://origin.test:81/a%20b?q HTTP/1.1\r\n"),
            "{heard:?}"
        );
        assert!(heard[0].contains("\r\nHost: origin.test:81\r\n"));
        assert!(heard[0].contains("\r\nAuthorization: Basic dTpw\r\n"));
        assert!(heard[0].contains("\r\nProxy-Authorization: Basic YWRhOnNlY3JldA==\r\n"));
        // On the same connection.
        assert_eq!((heard.len(), proxy.accepted.get()), (2, 1));
    });
}

#[test]
fn a_redirect_takes_the_credentials_of_the_proxy_along_and_no_others() {
    // CVE-2026-49853, where both origins are reached by one proxy.
    run(async {
        let there =
            "HTTP/1.1 302 Found\r\nLocation: http://other.test/\r\nContent-Length: 0\r\n\r\n";
        let directly = there.replace("other.test/", "direct.test/");
        let origin = answers(OK).await;
        let acts = [send(there), send(&directly)];
        let proxy = peer([
            &[Act::Head, acts[0].clone(), Act::Hold],
            &[Act::Head, acts[1].clone()],
        ])
        .await;
        let config = ClientConfig::default()
            .proxy(Proxy::http("127.0.0.1", port(&proxy.url)).auth("ada", "secret"))
            .no_proxy("direct.test")
            .map_hostname("direct.test", format!("127.0.0.1:{}", port(&origin.url)));
        let request = HttpRequest::get("http://origin.test/")
            .header("Cookie", "a=b")
            .auth("user", "password");
        let client = HttpClient::with_config(config);
        assert_eq!(client.fetch(request).await.unwrap().body(), "ok");
        let (heard, origin) = (proxy.heard.borrow(), origin.heard.borrow());
        assert!(
            heard[0].contains("\r\nAuthorization: ") && heard[0].contains("\r\nCookie: a=b\r\n")
        );
        assert!(
            heard[1].starts_with("GET http://other.test/ HTTP/1.1\r\n"),
            "{heard:?}"
        );
        for (head, to_proxy) in [(&heard[0], true), (&heard[1], true), (&origin[0], false)] {
            assert_eq!(
                head.contains("\r\nProxy-Authorization: Basic YWRhOnNlY3JldA==\r\n"),
                to_proxy,
                "{head}"
            );
        }
        for head in [&heard[1], &origin[0]] {
            assert!(
                !head.contains("\r\nAuthorization: ") && !head.contains("Cookie"),
                "{head}"
            );
        }
    });
}

#[test]
fn tornados_options_name_a_proxy_and_need_both_host_and_port() {
    run(async {
        let proxy = answers(OK).await;
        let request = HttpRequest::get("http://origin.test/")
            .proxy_host("127.0.0.1")
            .proxy_port(port(&proxy.url))
            .proxy_username("ada")
            .proxy_password("secret");
        fetch(request).await.unwrap();
        assert!(
            proxy.heard.borrow()[0].contains("Proxy-Authorization: Basic YWRhOnNlY3JldA==\r\n")
        );
        for (request, missing) in [
            (HttpRequest::get("http://a/").proxy_host("p"), "proxy_port"),
            (HttpRequest::get("http://a/").proxy_port(1), "proxy_host"),
        ] {
            let error = fetch(request).await.unwrap_err();
            assert!(
                error.is_request() && error.to_string().contains(missing),
                "{error}"
            );
        }
    });
}

#[test]
fn hosts_of_no_proxy_and_requests_that_say_so_go_directly() {
    run(async {
        let (_server, url) = mirrors();
        let nowhere = Proxy::http("127.0.0.1", 1);
        let config = ClientConfig::default()
            .proxy(nowhere.clone())
            .no_proxy("127.0.0.0/8");
        let client = HttpClient::with_config(config);
        assert_eq!(client.fetch(&url).await.unwrap().code(), 200);
        let client = HttpClient::with_config(ClientConfig::default().proxy(nowhere));
        let error = client.fetch(&url).await.unwrap_err();
        assert!(error.is_proxy() && error.is_connect(), "{error}");
        assert_eq!(
            error.to_string(),
            "proxy 127.0.0.1:1 cannot be connected to"
        );
        assert!(std::error::Error::source(&error).is_some());
        let request = HttpRequest::get(&url).no_proxy();
        assert_eq!(client.fetch(request).await.unwrap().code(), 200);
    });
}

#[test]
fn what_is_for_the_proxy_never_reaches_an_origin() {
    run(async {
        let (_server, url) = mirrors();
        let tell = |request: HttpRequest| request.header("Proxy-Authorization", "Basic c2VjcmV0");
        let text = fetch(tell(HttpRequest::get(&url))).await.unwrap();
        assert!(
            !text.text().contains("Proxy-Authorization"),
            "{}",
            text.text()
        );
        let socks = relay(Speaks::Socks { password: true }).await;
        let through = Proxy::socks5("127.0.0.1", socks.port).auth("ada", "secret");
        let text = fetch(tell(HttpRequest::get(&url)).proxy(through))
            .await
            .unwrap();
        assert!(
            !text.text().contains("Proxy-Authorization"),
            "{}",
            text.text()
        );
    });
}

#[test]
fn connections_are_shared_only_by_requests_of_the_same_proxy_and_user() {
    // Tornado 6.5.7: a handle of curl kept the credentials of the proxy.
    run(async {
        let acts: &[Act] = &[Act::Head, send(OK), Act::Hold];
        let proxy = peer([acts, acts, acts]).await;
        let client = HttpClient::new();
        let at = Proxy::http("127.0.0.1", port(&proxy.url));
        for proxy in [at.clone().auth("a", "1"), at.clone().auth("b", "1"), at] {
            let request = HttpRequest::get("http://origin.test/").proxy(proxy);
            client.fetch(request).await.unwrap();
        }
        assert_eq!(proxy.accepted.get(), 3);
        assert!(!proxy.heard.borrow()[2].contains("Proxy-Authorization"));
    });
}

#[test]
fn socks_proxies_resolve_names_unless_they_are_given_addresses() {
    run(async {
        let (_server, url) = mirrors();
        let target = format!("http://localhost:{}/x", port(&url));
        let socks = relay(Speaks::Socks { password: false }).await;
        let client = HttpClient::new();
        for _ in 0..2 {
            let request = HttpRequest::get(&target).proxy(Proxy::socks5("127.0.0.1", socks.port));
            assert!(
                client
                    .fetch(request)
                    .await
                    .unwrap()
                    .text()
                    .starts_with("GET /x\n")
            );
        }
        // The connection was used again.
        assert_eq!(socks.heard.borrow().len(), 1);
        let named = [
            &[5, 1, 0, 5, 1, 0, 3, 9][..],
            b"localhost",
            &port(&url).to_be_bytes(),
        ];
        assert_eq!(socks.heard.borrow()[0], named.concat());
        let local = Proxy::parse(&format!("socks5://ada:secret@127.0.0.1:{}", socks.port));
        let request = HttpRequest::get(&target)
            .allow_ipv6(false)
            .proxy(local.unwrap());
        assert_eq!(client.fetch(request).await.unwrap().code(), 200);
        let address = [
            &[5, 2, 0, 2, 5, 1, 0, 1, 127, 0, 0, 1][..],
            &port(&url).to_be_bytes(),
        ];
        assert_eq!(socks.heard.borrow()[1], address.concat());
    });
}

#[test]
fn socks_proxies_that_ask_are_told_user_and_password() {
    run(async {
        let (_server, url) = mirrors();
        let socks = relay(Speaks::Socks { password: true }).await;
        let at = Proxy::socks5("127.0.0.1", socks.port);
        let request = HttpRequest::get(&url).proxy(at.clone().auth("ada", "secret"));
        assert_eq!(fetch(request).await.unwrap().code(), 200);
        let said = socks.heard.borrow()[0].clone();
        assert!(
            said.starts_with(b"\x05\x02\x00\x02\x01\x03ada\x06secret\x05\x01\x00"),
            "{said:?}"
        );
        let error = fetch(HttpRequest::get(&url).proxy(at)).await.unwrap_err();
        assert!(
            error
                .to_string()
                .ends_with("asks for a user and a password"),
            "{error}"
        );
    });
}

#[test]
fn socks_refusals_name_their_stage() {
    run(async {
        for (answers, what) in [
            (&[&[4, 0][..]][..], "does not speak SOCKS 5"),
            (&[&[5, 0xff]], "takes none of our ways to authenticate"),
            (
                &[&[5, 0], &[5, 5, 0, 1]],
                "could not connect: connection refused",
            ),
            (&[&[5, 2], &[1, 1]], "refused the user and the password"),
            (&[&[5, 0], &[5]], "closed the connection"),
            (
                &[&[5, 0], &[5, 0, 0, 1, 0, 0, 0, 0, 0, 0, b'H']],
                "sent octets ahead of the server's",
            ),
        ] {
            let lengths = [4, if answers[0] == [5, 2] { 8 } else { 18 }];
            let mut acts = Vec::new();
            for (answer, length) in answers.iter().zip(lengths) {
                acts.extend([Act::Read(length), Act::Drip(answer.to_vec())]);
            }
            let proxy = peer_once(&acts).await;
            let through = Proxy::socks5("127.0.0.1", port(&proxy.url)).auth("ab", "cde");
            let request = HttpRequest::get("http://origin.test:80/12345").proxy(through);
            let error = fetch(request).await.unwrap_err();
            assert!(
                error.is_proxy() && error.to_string().contains(what),
                "{what}: {error}"
            );
        }
    });
}

#[test]
fn a_websocket_goes_through_a_tunnel_even_without_tls() {
    run(async {
        let refusal = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n";
        let server = answers(refusal).await;
        let proxy = relay(Speaks::Connect).await;
        let through = Proxy::http("127.0.0.1", proxy.port).auth("ada", "secret");
        let url = server.url.replace("http://", "ws://");
        let request = HttpRequest::get(url).proxy(through);
        let error = HttpClient::new()
            .websocket_connect(request)
            .await
            .unwrap_err();
        assert!(error.is_handshake(), "{error}");
        assert!(proxy.heard.borrow()[0].starts_with(b"CONNECT 127.0.0.1:"));
        let heard = server.heard.borrow();
        assert!(heard[0].starts_with("GET / HTTP/1.1\r\n"), "{heard:?}");
        assert!(!heard[0].contains("Proxy-Authorization"), "{heard:?}");
    });
}

#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
#[test]
fn https_goes_through_a_tunnel_that_sees_neither_path_nor_credentials() {
    run(async {
        let served = crate::tls::Served::start("localhost");
        let proxy = relay(Speaks::Connect).await;
        let at = Proxy::http("127.0.0.1", proxy.port).auth("ada", "secret");
        let request = served.request().ca_certs(served.trusted()).proxy(at);
        let client = HttpClient::new();
        for _ in 0..2 {
            let request = request.clone().auth("user", "password");
            let text = client.fetch(request).await.unwrap().text().into_owned();
            assert!(
                text.starts_with("GET /\n") && text.contains("Authorization: Basic"),
                "{text}"
            );
            assert!(!text.contains("Proxy-Authorization"), "{text}");
        }
        let heard = proxy.heard.borrow();
        assert_eq!(heard.len(), 1);
        let place = format!("localhost:{}", served.port);
        let expected = format!(
            "CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n\
             Proxy-Authorization: Basic YWRhOnNlY3JldA==\r\n\r\n"
        );
        assert_eq!(String::from_utf8_lossy(&heard[0]), expected);
    });
}

#[cfg(any(feature = "tls-ring", feature = "tls-aws-lc"))]
#[test]
fn a_tunnel_that_is_refused_says_why() {
    run(async {
        for (answer, what) in [
            (
                "HTTP/1.1 407 No\r\n\r\n",
                "refused a tunnel to origin.test:443 with 407 No: it asks for a user",
            ),
            ("HTTP/1.1 502 Bad Gateway\r\n\r\n", "with 502 Bad Gateway"),
            (
                "HTTP/1.1 200 OK\r\n\r\n\x16\x03",
                "sent octets ahead of the server's",
            ),
            ("HTTP/1.1 200 O", "closed the connection"),
            ("<html>", "malformed response"),
        ] {
            let proxy = answers(answer).await;
            let through = Proxy::http("127.0.0.1", port(&proxy.url));
            let request = HttpRequest::get("https://origin.test/").proxy(through);
            let error = fetch(request).await.unwrap_err();
            assert!(
                error.is_proxy() && error.to_string().contains(what),
                "{answer:?}: {error}"
            );
        }
    });
}
