//! Digest authentication (RFC 7616) against a server that does as it is told.

use waterspout_http::client::{AuthMode, HttpClient, HttpRequest};

use crate::peer::{Act, peer, peer_once, send};
use crate::support::run;

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

fn unauthorized(challenge: &str) -> Act {
    send(format!(
        "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: {challenge}\r\nContent-Length: 2\r\n\r\nno"
    ))
}

fn request(url: &str) -> HttpRequest {
    HttpRequest::get(url)
        .auth("ada", "open sesame")
        .auth_mode(AuthMode::Digest)
}

fn authorization(head: &str) -> Option<&str> {
    head.lines()
        .find_map(|line| line.strip_prefix("Authorization: "))
}

#[test]
fn a_digest_is_sent_when_it_is_asked_for_and_from_then_on() {
    run(async {
        let challenge = "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256";
        let peer = peer_once(&[
            Act::Head,
            unauthorized(challenge),
            Act::Head,
            send(OK),
            Act::Head,
            send(OK),
        ])
        .await;
        let client = HttpClient::new();
        for _ in 0..2 {
            assert_eq!(client.fetch(request(&peer.url)).await.unwrap().code(), 200);
        }
        let heard = peer.heard.borrow();
        assert_eq!(authorization(&heard[0]), None);
        let (second, third) = (
            authorization(&heard[1]).unwrap(),
            authorization(&heard[2]).unwrap(),
        );
        assert!(
            second.starts_with("Digest username=\"ada\", realm=\"r\", nonce=\"n1\", uri=\"/\"")
        );
        assert!(second.contains("nc=00000001"), "{second}");
        assert!(third.contains("nc=00000002"), "{third}");
        assert_eq!(peer.accepted.get(), 1);
    });
}

#[test]
fn a_stale_nonce_is_answered_again_and_a_refusal_is_the_response() {
    run(async {
        let fresh = "Digest realm=r, nonce=n1, qop=auth";
        let stale = "Digest realm=r, nonce=n2, qop=auth, stale=true";
        let peer = peer([
            &[
                Act::Head,
                unauthorized(fresh),
                Act::Head,
                unauthorized(stale),
                Act::Head,
                send(OK),
            ],
            &[
                Act::Head,
                unauthorized(fresh),
                Act::Head,
                unauthorized(fresh),
                Act::Hold,
            ],
        ])
        .await;
        assert_eq!(
            HttpClient::new()
                .fetch(request(&peer.url))
                .await
                .unwrap()
                .code(),
            200
        );
        assert!(
            authorization(&peer.heard.borrow()[2])
                .unwrap()
                .contains("nonce=\"n2\"")
        );
        let error = HttpClient::new()
            .fetch(request(&peer.url))
            .await
            .unwrap_err();
        assert_eq!(error.code(), 401);
        assert_eq!(peer.heard.borrow().len(), 5);
    });
}

#[test]
fn a_server_that_is_never_content_does_not_hold_the_client() {
    run(async {
        let stale = "Digest realm=r, nonce=n, stale=true";
        let acts: Vec<Act> = (0..20)
            .flat_map(|_| [Act::Head, unauthorized(stale)])
            .collect();
        let peer = peer_once(&acts).await;
        let error = HttpClient::new()
            .fetch(request(&peer.url))
            .await
            .unwrap_err();
        assert_eq!((error.code(), peer.heard.borrow().len()), (401, 4));
    });
}

#[test]
fn what_cannot_be_answered_is_said_and_other_schemes_are_left_alone() {
    run(async {
        let peer = peer_once(&[
            Act::Head,
            unauthorized("Digest realm=r, nonce=n, algorithm=X"),
        ])
        .await;
        let error = HttpClient::new()
            .fetch(request(&peer.url))
            .await
            .unwrap_err();
        assert!(
            error.is_auth() && error.to_string().contains("\"X\""),
            "{error}"
        );
        let peer = peer_once(&[Act::Head, unauthorized("Basic realm=r")]).await;
        let error = HttpClient::new()
            .fetch(request(&peer.url))
            .await
            .unwrap_err();
        assert_eq!((error.code(), peer.heard.borrow().len()), (401, 1));
    });
}

#[test]
fn a_digest_is_for_its_origin_only() {
    // CVE-2026-49853.
    run(async {
        let challenge = "Digest realm=r, nonce=n, qop=auth";
        let other = peer_once(&[Act::Head, unauthorized(challenge), Act::Hold]).await;
        let to = format!(
            "HTTP/1.1 302 F\r\nContent-Length: 0\r\nLocation: {}\r\n\r\n",
            other.url
        );
        let first = peer_once(&[Act::Head, unauthorized(challenge), Act::Head, send(to)]).await;
        let error = HttpClient::new()
            .fetch(request(&first.url))
            .await
            .unwrap_err();
        assert_eq!(error.code(), 401);
        assert!(authorization(&first.heard.borrow()[1]).is_some());
        assert_eq!(other.heard.borrow().len(), 1);
        assert_eq!(authorization(&other.heard.borrow()[0]), None);
    });
}
