//! https, with certificates that are good and that are not.

use std::path::PathBuf;
use std::rc::Rc;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use waterspout_http::client::{HttpClient, HttpRequest};
use waterspout_http::server::{HttpServer, ServerConfig};
use waterspout_http::{Exchange, Service};
use waterspout_net::{
    BindOptions, ClientCertificates, Handshakes, Listener, TlsAcceptor, TlsServerConfig,
    bind_sockets,
};

use crate::support::{mirror, mirrors, run};

struct Mirror;

impl Service for Mirror {
    async fn call(&self, exchange: Exchange) -> Exchange {
        mirror(exchange).await
    }
}

pub(crate) struct Served {
    _server: HttpServer,
    directory: TempDir,
    pub(crate) port: u16,
}

impl Served {
    /// Serves with a certificate for this name, which nobody but itself has signed.
    pub(crate) fn start(name: &str) -> Self {
        Self::start_with(name, |config| config)
    }

    /// Serves with further settings.
    fn start_with(name: &str, set: impl Fn(TlsServerConfig) -> TlsServerConfig) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let (certificate, key) = (
            directory.path().join("cert.pem"),
            directory.path().join("key.pem"),
        );
        let pair = KeyPair::generate().unwrap();
        let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
        std::fs::write(&certificate, params.self_signed(&pair).unwrap().pem()).unwrap();
        std::fs::write(&key, pair.serialize_pem()).unwrap();
        let mut handshakes = Handshakes::default();
        let config = set(TlsServerConfig::new(certificate, key));
        handshakes.push(TlsAcceptor::new(&config).unwrap());
        let options = BindOptions::default().address("127.0.0.1");
        let socket = bind_sockets(0, options).unwrap().remove(0);
        let port = socket.local_addr().unwrap().port().unwrap();
        let server = HttpServer::new(Rc::new(Mirror), &ServerConfig::default());
        server.serve_after(Listener::from_bound(socket).unwrap(), &handshakes);
        Self {
            _server: server,
            directory,
            port,
        }
    }

    pub(crate) fn trusted(&self) -> PathBuf {
        self.directory.path().join("cert.pem")
    }

    pub(crate) fn request(&self) -> HttpRequest {
        HttpRequest::get(format!("https://localhost:{}/", self.port))
    }
}

#[test]
fn a_trusted_certificate_is_taken_and_its_connection_used_again() {
    run(async {
        let served = Served::start("localhost");
        let client = HttpClient::new();
        let request = served.request().ca_certs(served.trusted());
        let first = client.fetch(request.clone()).await.unwrap();
        assert!(
            first.text().starts_with("GET / HTTP/1.1\n") || first.text().starts_with("GET /\n")
        );
        let second = client.fetch(request.clone()).await.unwrap();
        assert_eq!(
            second.headers().get("X-Port"),
            first.headers().get("X-Port")
        );
        let other = client.fetch(request.validate_cert(false)).await.unwrap();
        assert_ne!(other.headers().get("X-Port"), first.headers().get("X-Port"));
    });
}

#[test]
fn an_unknown_certificate_and_another_name_are_refused() {
    // CVE-2016-10932.
    run(async {
        let client = HttpClient::new();
        let served = Served::start("localhost");
        let error = client.fetch(served.request()).await.unwrap_err();
        assert!(
            error.is_connect() && error.to_string().contains("with TLS"),
            "{error}"
        );
        let served = Served::start("other.test");
        let request = served.request().ca_certs(served.trusted());
        let error = client.fetch(request.clone()).await.unwrap_err();
        assert!(error.is_connect(), "{error}");
        assert_eq!((client.gauges().active, client.gauges().idle), (0, 0));
        assert_eq!(
            client
                .fetch(request.validate_cert(false))
                .await
                .unwrap()
                .code(),
            200
        );
    });
}

#[test]
fn a_redirect_to_https_is_followed_without_the_credentials() {
    run(async {
        let (_server, url) = mirrors();
        let served = Served::start("localhost");
        let request = HttpRequest::get(format!("{url}/?302=https://localhost:{}/end", served.port))
            .ca_certs(served.trusted())
            .header("Cookie", "a=b");
        let response = HttpClient::new().fetch(request).await.unwrap();
        assert!(response.effective_url().starts_with("https://localhost:"));
        assert!(!response.text().contains("Cookie"));
    });
}

#[test]
fn another_name_can_be_asked_for_and_is_verified_instead() {
    run(async {
        let served = Served::start("inner.test");
        let request = served.request().ca_certs(served.trusted());
        let client = HttpClient::new();
        let named = client
            .fetch(request.clone().server_name("inner.test"))
            .await
            .unwrap();
        assert!(
            named
                .text()
                .contains(&format!("Host: localhost:{}\n", served.port))
        );
        let error = client
            .fetch(request.clone().server_name("other.test"))
            .await
            .unwrap_err();
        assert!(error.is_connect(), "{error}");
        // Nor is the connection for that name lent to a request without it.
        let error = client.fetch(request).await.unwrap_err();
        assert!(error.is_connect(), "{error}");
    });
}

#[test]
fn a_certificate_is_shown_where_one_is_asked_for_and_belongs_to_its_connection() {
    // Tornado 6.5.7: a handle of curl kept the client's certificate for the next request.
    run(async {
        let client_side = Served::start("client.test");
        let authority = client_side.trusted();
        let served = Served::start_with("localhost", |config| {
            config.client_certificates(ClientCertificates::Required(authority.clone()))
        });
        let request = served.request().ca_certs(served.trusted());
        let client = HttpClient::new();
        let key = client_side.directory.path().join("key.pem");
        let shown = request
            .clone()
            .client_cert(client_side.trusted())
            .client_key(&key);
        assert_eq!(client.fetch(shown.clone()).await.unwrap().code(), 200);
        let error = client.fetch(request.clone()).await.unwrap_err();
        assert!(error.is_connect() || error.is_closed(), "{error}");
        let both = client_side.directory.path().join("both.pem");
        let pem = [client_side.trusted(), key]
            .map(|path| std::fs::read(path).unwrap())
            .concat();
        std::fs::write(&both, pem).unwrap();
        assert_eq!(
            client
                .fetch(request.client_cert(both))
                .await
                .unwrap()
                .code(),
            200
        );
    });
}

#[test]
fn a_certificate_and_a_name_are_for_the_origin_of_the_first_url() {
    // CVE-2026-49853 is about fields; a certificate says who asks, too.
    run(async {
        let other = Served::start("client.test");
        let authority = other.trusted();
        let served = Served::start_with("localhost", |config| {
            config.client_certificates(ClientCertificates::Optional(authority.clone()))
        });
        let required = Served::start_with("localhost", |config| {
            config.client_certificates(ClientCertificates::Required(authority.clone()))
        });
        let both = other.directory.path().join("both.pem");
        let certificates = [served.trusted(), required.trusted()];
        std::fs::write(
            &both,
            certificates
                .map(|path| std::fs::read(path).unwrap())
                .concat(),
        )
        .unwrap();
        let key = other.directory.path().join("key.pem");
        let request = |from: &Served, to: u16| {
            let url = format!(
                "https://localhost:{}/?302=https://localhost:{to}/end",
                from.port
            );
            let request = HttpRequest::get(url).ca_certs(&both);
            request.client_cert(other.trusted()).client_key(&key)
        };
        let client = HttpClient::new();
        let same = client
            .fetch(request(&required, required.port))
            .await
            .unwrap();
        assert!(same.text().starts_with("GET /end\n"));
        let error = client
            .fetch(request(&served, required.port))
            .await
            .unwrap_err();
        assert!(error.is_connect() || error.is_closed(), "{error}");
        let named = request(&required, served.port).server_name("localhost");
        assert_eq!(client.fetch(named).await.unwrap().code(), 200);
    });
}
