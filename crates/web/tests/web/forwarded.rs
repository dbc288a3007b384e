use waterspout::{Application, Context, ServerConfig, TrustedDownstream};

use super::support::with_config;

fn app() -> Application {
    Application::new(()).get("/", async |cx: &mut Context| {
        format!("{} {}", cx.remote_ip(), cx.protocol())
    })
}

#[test]
fn trusted_proxies_tell_who_the_client_is() {
    let trusted = TrustedDownstream::networks(["127.0.0.1"]).unwrap();
    let config = ServerConfig::default().xheaders(trusted);
    with_config(app(), &config, async |client| {
        for (fields, wanted) in [
            ("", "127.0.0.1 http"),
            ("X-Real-IP: 4.4.4.4\r\nX-Scheme: https\r\n", "4.4.4.4 https"),
            (
                "X-Forwarded-For: 1.1.1.1, 2.2.2.2, 127.0.0.1\r\n",
                "2.2.2.2 http",
            ),
            (
                "Forwarded: for=\"[2001:db8::1]:9\";proto=https\r\n",
                "2001:db8::1 https",
            ),
            ("X-Real-IP: <script>\r\n", "127.0.0.1 http"),
        ] {
            let response = client.request("GET", "/", fields).await;
            assert_eq!(response.body(), wanted, "{fields}");
        }
        // On one connection, what one request says does not stay for the next.
        let answers = client
            .exchange(
                "GET / HTTP/1.1\r\nHost: a\r\nX-Real-IP: 4.4.4.4\r\n\r\n\
                 GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
            )
            .await;
        assert!(answers.contains("4.4.4.4 http") && answers.ends_with("127.0.0.1 http"));
    });
}

#[test]
fn without_trust_nobody_is_believed() {
    let fields = "X-Real-IP: 4.4.4.4\r\nX-Forwarded-For: 4.4.4.4\r\nX-Scheme: https\r\n\
                  Forwarded: for=4.4.4.4\r\n";
    let elsewhere = TrustedDownstream::networks(["10.0.0.0/8"]).unwrap();
    for config in [
        ServerConfig::default(),
        ServerConfig::default().xheaders(elsewhere),
    ] {
        with_config(app(), &config, async |client| {
            let response = client.request("GET", "/", fields).await;
            assert_eq!(response.body(), "127.0.0.1 http");
        });
    }
}
