//! HTTPS, and the PROXY protocol before it.

use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::time::Duration;

use rcgen::{CertificateParams, KeyPair};
use tempfile::TempDir;
use tokio::net::TcpStream;
use waterspout::http::client::HttpRequest;
use waterspout::http::server::{HttpServer, ServerConfig};
use waterspout::net::{
    BindOptions, ClientCertificates, ConnectOptions, Handshakes, IoLoop, IoStream, Listener,
    ProxyProtocol, TcpClient, TlsAcceptor, TlsClientConfig, TlsConnector, TlsError,
    TlsServerConfig, bind_sockets,
};
use waterspout::{Application, CloseCode, Context, Error, Message, WebSocket, websocket_connect};

/// The files of a certificate for `localhost` that nobody but itself has signed.
fn files() -> (TempDir, TlsServerConfig) {
    let directory = tempfile::tempdir().unwrap();
    issue(directory.path(), "cert", "localhost");
    let file = |name: &str| directory.path().join(name);
    let config = TlsServerConfig::new(file("cert.pem"), file("cert.key"));
    (directory, config)
}

/// Writes a certificate for `name`, and its key beside it.
fn issue(directory: &Path, file: &str, name: &str) {
    let pair = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    let certificate = params.self_signed(&pair).unwrap().pem();
    fs::write(directory.join(format!("{file}.key")), pair.serialize_pem()).unwrap();
    fs::write(directory.join(format!("{file}.pem")), certificate).unwrap();
}

fn app() -> Application {
    Application::new(())
        .get("/", async |cx: &mut Context| {
            format!("{} for {}", cx.protocol(), cx.remote_ip())
        })
        .get("/tls", async |cx: &mut Context| {
            let tls = cx.tls_info().expect("the connection is encrypted");
            let certificates = tls.peer_certificates.len();
            format!("{:?} shows {certificates}", tls.server_name)
        })
        .post("/length", async |cx: &mut Context| {
            let length = cx.body().len();
            Ok::<_, Error>(length.to_string())
        })
        .websocket("/ws", async |ws: &mut WebSocket| {
            while let Some(message) = ws.recv().await? {
                ws.send(message).await?;
            }
            Ok(())
        })
}

struct Served {
    server: HttpServer,
    port: u16,
    directory: TempDir,
}

impl Served {
    fn start(config: &ServerConfig, proxies: Option<ProxyProtocol>) -> Self {
        Self::start_with(config, proxies, |tls, _| tls)
    }

    fn start_with(
        config: &ServerConfig,
        proxies: Option<ProxyProtocol>,
        change: impl FnOnce(TlsServerConfig, &Path) -> TlsServerConfig,
    ) -> Self {
        let (directory, tls) = files();
        let tls = change(tls, directory.path());
        let mut handshakes = Handshakes::default();
        handshakes.push(TlsAcceptor::new(&tls.alpn(["http/1.1"])).unwrap());
        if let Some(proxies) = proxies {
            handshakes.push_first(proxies);
        }
        let options = BindOptions::default().address("127.0.0.1");
        let socket = bind_sockets(0, options).unwrap().remove(0);
        let port = socket.local_addr().unwrap().port().unwrap();
        let server = HttpServer::new(Rc::new(app().into_service()), config);
        server.serve_after(Listener::from_bound(socket).unwrap(), &handshakes);
        Self {
            server,
            port,
            directory,
        }
    }

    fn connector(&self) -> TlsConnector {
        let trusted = self.directory.path().join("cert.pem");
        let config = TlsClientConfig::default().ca_file(trusted);
        TlsConnector::new(&config.alpn(["h3", "http/1.1"])).unwrap()
    }

    async fn connect(&self) -> IoStream {
        let (client, options) = (TcpClient::new(), ConnectOptions::default());
        let connector = self.connector();
        let connected = client.connect_tls("localhost", self.port, &connector, &options);
        connected.await.unwrap()
    }

    /// Connects for a name of which the certificate lies in a file.
    async fn connect_as(&self, name: &str, trusted: &str) -> Result<IoStream, TlsError> {
        let trusted = self.directory.path().join(trusted);
        let connector = TlsConnector::new(&TlsClientConfig::default().ca_file(trusted))?;
        let socket = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        connector.connect(IoStream::from_tcp(socket), name).await
    }
}

fn run(test: impl AsyncFnOnce()) {
    let patience = Duration::from_secs(20);
    IoLoop::new()
        .unwrap()
        .run_sync_timeout(patience, test())
        .expect("the test hangs");
}

async fn rest(mut stream: IoStream) -> String {
    String::from_utf8(stream.read_until_close().await.unwrap().to_vec()).unwrap()
}

const GET: &str = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

#[test]
fn a_request_over_tls_is_https_and_the_connection_ends_in_order() {
    run(async || {
        let served = Served::start(&ServerConfig::default(), None);
        let mut client = served.connect().await;
        assert_eq!(client.tls_info().unwrap().alpn.as_deref(), Some("http/1.1"));
        client.write(GET.as_bytes()).await.unwrap();
        assert!(rest(client).await.ends_with("\r\n\r\nhttps for 127.0.0.1"));
    });
}

#[test]
fn requests_follow_each_other_and_bodies_of_many_records_arrive() {
    run(async || {
        let served = Served::start(&ServerConfig::default(), None);
        let mut client = served.connect().await;
        for length in [5000, 500_000] {
            let head = format!(
                "POST /length HTTP/1.1\r\nHost: localhost\r\nContent-Length: {length}\r\n\r\n"
            );
            client.write(head.as_bytes()).await.unwrap();
            client.write(&vec![b'x'; length]).await.unwrap();
            client.read_until(b"\r\n\r\n", 1000).await.unwrap();
            let digits = length.to_string();
            assert_eq!(client.read_bytes(digits.len()).await.unwrap(), digits);
        }
        client
            .write(GET.repeat(2).replacen("close", "keep-alive", 1).as_bytes())
            .await
            .unwrap();
        assert_eq!(rest(client).await.matches("https for").count(), 2);
    });
}

#[test]
fn plain_http_on_the_encrypted_port_is_closed() {
    run(async || {
        let served = Served::start(&ServerConfig::default(), None);
        let mut client = IoStream::from_tcp(
            TcpStream::connect(("127.0.0.1", served.port))
                .await
                .unwrap(),
        );
        client.write(GET.as_bytes()).await.unwrap();
        // An alert of TLS at the most, and no response of HTTP.
        let mut answer = Vec::new();
        while let Ok(count @ 1..) = client.fill().await {
            answer.extend_from_slice(client.buffered());
            client.consume(count);
        }
        assert!(!answer.starts_with(b"HTTP"));
    });
}

#[test]
fn a_handshake_that_takes_too_long_is_closed() {
    run(async || {
        let config = ServerConfig::default().handshake_timeout(Duration::from_millis(100));
        let served = Served::start(&config, None);
        let mut silent = IoStream::from_tcp(
            TcpStream::connect(("127.0.0.1", served.port))
                .await
                .unwrap(),
        );
        assert_eq!(silent.fill().await.unwrap(), 0);
    });
}

#[test]
fn a_drain_closes_a_connection_in_its_handshake_and_counts_it_until_then() {
    run(async || {
        let served = Served::start(&ServerConfig::default(), None);
        let mut silent = IoStream::from_tcp(
            TcpStream::connect(("127.0.0.1", served.port))
                .await
                .unwrap(),
        );
        while served.server.connections() == 0 {
            tokio::task::yield_now().await;
        }
        let drained = served.server.drain(Duration::from_secs(10)).await;
        assert!(drained.is_complete());
        assert_eq!(silent.fill().await.unwrap(), 0);
    });
}

#[test]
fn the_header_of_a_proxy_comes_before_tls_and_names_the_client() {
    run(async || {
        let proxies = ProxyProtocol::new(["127.0.0.1".parse().unwrap()]);
        let served = Served::start(&ServerConfig::default(), Some(proxies));
        let socket = TcpStream::connect(("127.0.0.1", served.port))
            .await
            .unwrap();
        let mut stream = IoStream::from_tcp(socket);
        stream
            .write(b"PROXY TCP4 192.0.2.7 192.0.2.9 4711 443\r\n")
            .await
            .unwrap();
        let mut stream = served
            .connector()
            .connect(stream, "localhost")
            .await
            .unwrap();
        stream.write(GET.as_bytes()).await.unwrap();
        assert!(rest(stream).await.ends_with("https for 192.0.2.7"));
    });
}

#[test]
fn a_certificate_that_cannot_be_read_is_refused_before_anything_listens() {
    let config = TlsServerConfig::new("/nowhere/cert.pem", "/nowhere/key.pem");
    let error = waterspout::HttpServer::new(app).tls(&config).unwrap_err();
    let text = format!("{error:?}");
    assert!(
        text.contains("cannot read the certificate file /nowhere/cert.pem"),
        "{text}"
    );
}

/// Asks for `/tls` on a connection that stays open.
async fn ask(stream: &mut IoStream) -> String {
    let request = b"GET /tls HTTP/1.1\r\nHost: localhost\r\n\r\n";
    stream.write(request).await.unwrap();
    let head = stream.read_until(b"\r\n\r\n", 1000).await.unwrap();
    let head = String::from_utf8_lossy(&head).to_lowercase();
    let length = head.split("content-length: ").nth(1).unwrap();
    let length = length.split('\r').next().unwrap().parse().unwrap();
    let body = stream.read_bytes(length).await.unwrap();
    String::from_utf8(body.to_vec()).unwrap()
}

#[test]
fn certificates_that_change_hold_for_new_connections_and_open_ones_go_on() {
    for by_signal in [true, false] {
        run(async || {
            let interval = (!by_signal).then(|| Duration::from_millis(5));
            let served = Served::start_with(&ServerConfig::default(), None, |tls, _| {
                tls.reload_interval(interval)
            });
            let mut open = served.connect().await;
            assert_eq!(ask(&mut open).await, "Some(\"localhost\") shows 0");
            let directory = served.directory.path();
            fs::copy(directory.join("cert.pem"), directory.join("before.pem")).unwrap();
            issue(directory, "cert", "renewed.example");
            if by_signal {
                nix::sys::signal::raise(nix::sys::signal::Signal::SIGHUP).unwrap();
            }
            let renewed = || served.connect_as("renewed.example", "cert.pem");
            let mut new = loop {
                if let Ok(new) = renewed().await {
                    break new;
                }
            };
            assert_eq!(ask(&mut new).await, "Some(\"renewed.example\") shows 0");
            assert_eq!(ask(&mut open).await, "Some(\"localhost\") shows 0");
            let former = served.connect_as("localhost", "before.pem").await;
            assert!(former.unwrap_err().is_certificate());
        });
    }
}

#[test]
fn the_certificate_is_chosen_by_name_and_the_handler_hears_which() {
    run(async || {
        let served = Served::start_with(&ServerConfig::default(), None, |tls, directory| {
            issue(directory, "other", "other.example");
            let file = |name: &str| directory.join(name);
            tls.certificate_for("other.example", file("other.pem"), file("other.key"))
        });
        let other = served.connect_as("other.example", "other.pem").await;
        let heard = ask(&mut other.unwrap()).await;
        assert_eq!(heard, "Some(\"other.example\") shows 0");
        let localhost = served.connect_as("localhost", "cert.pem").await;
        localhost.unwrap();
    });
}

#[test]
fn a_client_must_show_a_certificate_where_one_is_required_and_the_handler_sees_it() {
    run(async || {
        let served = Served::start_with(&ServerConfig::default(), None, |tls, directory| {
            issue(directory, "alice", "alice");
            tls.client_certificates(ClientCertificates::Required(directory.join("alice.pem")))
        });
        let file = |name: &str| served.directory.path().join(name);
        let config = TlsClientConfig::default()
            .ca_file(file("cert.pem"))
            .certificate(file("alice.pem"), file("alice.key"));
        let connector = TlsConnector::new(&config).unwrap();
        let (client, options) = (TcpClient::new(), ConnectOptions::default());
        let connected = client.connect_tls("localhost", served.port, &connector, &options);
        let mut alice = connected.await.unwrap();
        assert_eq!(ask(&mut alice).await, "Some(\"localhost\") shows 1");

        // In TLS 1.3 the client is done before the server has looked; the first read tells it.
        let mut nobody = served.connect().await;
        _ = nobody.write(GET.as_bytes()).await;
        let error = std::io::Error::from(nobody.read_bytes(1).await.unwrap_err());
        assert!(error.to_string().contains("CertificateRequired"), "{error}");
    });
}

#[test]
fn a_session_is_resumed_by_the_next_connection() {
    run(async || {
        let served = Served::start(&ServerConfig::default(), None);
        let connector = served.connector();
        let (client, options) = (TcpClient::new(), ConnectOptions::default());
        for resumed in [false, true] {
            let connected = client.connect_tls("localhost", served.port, &connector, &options);
            let mut stream = connected.await.unwrap();
            ask(&mut stream).await;
            assert_eq!(stream.tls_info().unwrap().resumed, resumed);
        }
    });
}

#[test]
fn a_websocket_is_opened_over_tls_and_only_with_a_trusted_certificate() {
    IoLoop::new().unwrap().run_sync(async {
        let served = Served::start(&ServerConfig::default(), None);
        let url = format!("wss://localhost:{}/ws", served.port);
        let trusted = served.directory.path().join("cert.pem");
        let mut ws = websocket_connect(HttpRequest::get(&url).ca_certs(trusted))
            .await
            .unwrap();
        for size in [0, 5, 100_000] {
            ws.send(vec![7; size]).await.unwrap();
            assert_eq!(ws.recv().await, Some(Message::from(vec![7; size])));
        }
        ws.close(CloseCode::NORMAL, "");
        assert_eq!(ws.recv().await, None);
        assert_eq!(ws.close_code(), Some(CloseCode::NORMAL));
        assert!(websocket_connect(url).await.unwrap_err().is_connect());
    });
}

#[test]
fn who_leaves_no_room_for_the_farewell_is_not_waited_for() {
    IoLoop::new().unwrap().run_sync(async {
        let (directory, tls) = files();
        let acceptor = TlsAcceptor::new(&tls).unwrap();
        let trusted = TlsClientConfig::default().ca_file(directory.path().join("cert.pem"));
        let connector = TlsConnector::new(&trusted).unwrap();
        let app = Application::new(()).get("/{length}", async |cx: &mut Context| {
            Ok::<_, Error>("x".repeat(cx.path("length")?))
        });
        let config = ServerConfig::default()
            .every_deadline(Duration::from_millis(500))
            .keep_alive(false);
        let server = HttpServer::new(Rc::new(app.into_service()), &config);
        // One of these fills the socket with its last octets, whatever the system's buffers are.
        let mut clients = Vec::new();
        for length in (60..400).step_by(5) {
            let (near, far) = tokio::net::UnixStream::pair().unwrap();
            let shaken = tokio::join!(
                acceptor.accept(IoStream::from_unix(near)),
                connector.connect(IoStream::from_unix(far), "localhost"),
            );
            let (near, mut far) = (shaken.0.unwrap(), shaken.1.unwrap());
            let request = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", length * 1000);
            far.write(request.as_bytes()).await.unwrap();
            server.connection(near, waterspout::net::PeerAddr::Unix);
            clients.push(far);
        }
        let drained = server.drain(Duration::from_secs(15)).await;
        assert!(drained.is_complete(), "{drained:?}");
    });
}
