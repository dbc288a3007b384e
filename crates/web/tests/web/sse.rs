//! Server-sent events: octets on the wire, and how a stream ends.

use std::rc::Rc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::mpsc;
use waterspout::http::server::HttpServer;
use waterspout::net::{BindOptions, IoLoop, Listener, bind_sockets};
use waterspout::{Application, Context, Result, ServerConfig, ServerEvent};

use crate::support::{Client, with_server};

async fn count(cx: &mut Context) -> Result {
    let mut events = cx.event_stream()?;
    let begin: u32 = events.last_event_id().unwrap_or("0").parse()?;
    for number in begin + 1..=3 {
        let event = ServerEvent::new(number.to_string()).id(number.to_string());
        events.send(event).await?;
    }
    Ok(())
}

/// Says one thing and then waits for what never comes.
async fn silent(cx: &mut Context) -> Result {
    let mut events = cx.event_stream()?.keep_alive(Some(Duration::from_secs(1)));
    events.send("here").await?;
    let over = events.wait(std::future::pending::<()>()).await?;
    assert!(over.is_none());
    events.send(ServerEvent::new("bye").name("end")).await
}

/// Opens a stream and returns it with what comes up to `until`.
async fn open(client: Client, target: &str, until: &str) -> (TcpStream, String) {
    let mut stream = client.connect().await;
    let request = format!("GET {target} HTTP/1.1\r\nHost: t\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = hear(&mut stream, until).await;
    (stream, head)
}

async fn hear(stream: &mut TcpStream, until: &str) -> String {
    let mut octets = Vec::new();
    while !octets.ends_with(until.as_bytes()) {
        octets.push(stream.read_u8().await.unwrap());
    }
    String::from_utf8(octets).unwrap()
}

#[test]
fn events_come_as_chunks_of_an_event_stream() {
    with_server(Application::new(()).get("/", count), async |client| {
        let response = client.get("/").await;
        assert_eq!(response.field("Content-Type"), "text/event-stream");
        assert_eq!(response.field("Cache-Control"), "no-cache");
        assert_eq!(response.field("X-Accel-Buffering"), "no");
        assert_eq!(
            response.body(),
            "f\r\nid: 1\ndata: 1\n\n\r\nf\r\nid: 2\ndata: 2\n\n\r\n\
             f\r\nid: 3\ndata: 3\n\n\r\n0\r\n\r\n"
        );
    });
}

#[test]
fn a_client_that_comes_back_goes_on_after_its_last_event() {
    with_server(Application::new(()).get("/", count), async |client| {
        let response = client.request("GET", "/", "Last-Event-ID: 2\r\n").await;
        assert_eq!(response.body(), "f\r\nid: 3\ndata: 3\n\n\r\n0\r\n\r\n");
    });
}

#[test]
fn a_client_of_http_1_0_reads_until_the_end() {
    with_server(Application::new(()).get("/", count), async |client| {
        let answer = client.exchange("GET / HTTP/1.0\r\n\r\n").await;
        assert!(answer.ends_with("\r\n\r\nid: 1\ndata: 1\n\nid: 2\ndata: 2\n\nid: 3\ndata: 3\n\n"));
    });
}

#[test]
fn head_has_the_fields_and_no_events() {
    let app = Application::new(()).get("/", silent);
    with_server(app, async |client| {
        let response = client.request("HEAD", "/", "").await;
        assert_eq!(response.field("Content-Type"), "text/event-stream");
        assert_eq!(response.body(), "");
    });
}

#[test]
fn a_name_of_two_lines_is_an_error_and_sends_nothing() {
    let app = Application::new(()).get("/", async |cx: &mut Context| -> Result {
        let mut events = cx.event_stream()?;
        events.send(ServerEvent::new("x").name("a\ndata: b")).await
    });
    with_server(app, async |client| {
        assert_eq!(client.get("/").await.status(), 500);
    });
}

#[test]
fn silence_is_filled_with_comments() {
    with_server(Application::new(()).get("/", silent), async |client| {
        let (mut stream, _) = open(client, "/", "data: here\n\n\r\n").await;
        assert_eq!(hear(&mut stream, "\n\n\r\n").await, "4\r\n: \n\n\r\n");
        assert_eq!(hear(&mut stream, "\n\n\r\n").await, "4\r\n: \n\n\r\n");
    });
}

#[test]
fn silence_is_filled_with_comments_however_short_the_waits_are() {
    let app = Application::new(()).get("/", async |cx: &mut Context| -> Result {
        let mut events = cx
            .event_stream()?
            .keep_alive(Some(Duration::from_millis(300)));
        // Comes to an end, so that a failure is no hang.
        for _ in 0..500 {
            let tick = tokio::time::sleep(Duration::from_millis(20));
            if events.wait(tick).await?.is_none() {
                break;
            }
        }
        Ok(())
    });
    with_server(app, async |client| {
        let (mut stream, _) = open(client, "/", "\r\n\r\n").await;
        for _ in 0..2 {
            assert_eq!(hear(&mut stream, "\n\r\n").await, "4\r\n: \n\n\r\n");
        }
    });
}

#[test]
fn the_head_comes_before_the_first_event() {
    let app = Application::new(()).get("/", async |cx: &mut Context| -> Result {
        let mut events = cx.event_stream()?;
        let _over = events.wait(std::future::pending::<()>()).await?;
        Ok(())
    });
    with_server(app, async |client| {
        let (_, head) = open(client, "/", "\r\n\r\n").await;
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    });
}

#[test]
fn a_client_that_leaves_ends_its_handler() {
    struct Tell(mpsc::UnboundedSender<&'static str>);
    impl Drop for Tell {
        fn drop(&mut self) {
            self.0.send("dropped").unwrap();
        }
    }
    let (sender, mut news) = mpsc::unbounded_channel();
    let app = Application::new(()).get("/", async move |cx: &mut Context| -> Result {
        let _tell = Tell(sender.clone());
        let mut events = cx.event_stream()?;
        let _over = events.wait(std::future::pending::<()>()).await?;
        Ok(())
    });
    with_server(app, async |client| {
        let (stream, _) = open(client, "/", "\r\n\r\n").await;
        drop(stream);
        assert_eq!(news.recv().await, Some("dropped"));
    });
}

/// Serves `app`, opens a stream, drains, and returns what the client heard, and whether all ended well.
fn drained(app: Application) -> (String, bool) {
    IoLoop::new().unwrap().run_sync(async {
        let server = HttpServer::new(Rc::new(app.into_service()), &ServerConfig::default());
        let options = BindOptions::default().address("127.0.0.1");
        let socket = bind_sockets(0, options).unwrap().remove(0);
        let port = socket.local_addr().unwrap().port().unwrap();
        server.serve(Listener::from_bound(socket).unwrap());
        let (mut stream, _) = open(Client::at(port), "/", "data: here\n\n\r\n").await;
        let drained = server.drain(Duration::from_secs(20)).await;
        let mut rest = String::new();
        stream.read_to_string(&mut rest).await.unwrap();
        (rest, drained.is_complete())
    })
}

#[test]
fn a_drain_tells_the_handler_and_the_stream_ends_whole() {
    let (rest, complete) = drained(Application::new(()).get("/", silent));
    assert!(
        rest.ends_with("16\r\nevent: end\ndata: bye\n\n\r\n0\r\n\r\n"),
        "{rest}"
    );
    assert!(complete);
}

#[test]
fn a_drain_ends_a_handler_that_only_sends() {
    let app = Application::new(()).get("/", async |cx: &mut Context| -> Result {
        let mut events = cx.event_stream()?;
        loop {
            events.send("here").await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    });
    let (rest, complete) = drained(app);
    assert!(
        !rest.ends_with("0\r\n\r\n"),
        "it must not pass for a whole answer"
    );
    assert!(complete);
}

#[test]
fn a_client_that_does_not_read_holds_up_its_handler_and_nothing_is_queued() {
    let (sender, mut sent) = mpsc::unbounded_channel();
    let app = Application::new(()).get("/", async move |cx: &mut Context| -> Result {
        let mut events = cx.event_stream()?;
        let event = ServerEvent::new("x".repeat(100_000));
        loop {
            events.send(event.clone()).await?;
            sender.send(()).unwrap();
        }
    });
    with_server(app, async |client| {
        let (mut stream, _) = open(client, "/", "\r\n\r\n").await;
        // The sockets fill up; then the handler waits in `send`, however often it may run.
        let (mut count, mut quiet) = (0, 0);
        while quiet < 1000 {
            quiet += 1;
            if sent.try_recv().is_ok() {
                (count, quiet) = (count + 1, 0);
            }
            tokio::task::yield_now().await;
        }
        assert!(
            count < 200,
            "{count} events of 100 KB went into the buffers of two sockets"
        );
        let mut some = vec![0; 10_000_000];
        stream.read_exact(&mut some).await.unwrap();
        assert_eq!(sent.recv().await, Some(()));
    });
}

#[test]
fn a_long_poll_learns_of_the_drain() {
    let app = Application::new(()).get("/", async |cx: &mut Context| -> Result {
        cx.write("data: here\n\n")?;
        cx.flush().await?;
        let never = cx.until_drain(std::future::pending::<()>()).await;
        assert!(never.is_none());
        cx.write("over")
    });
    let (rest, complete) = drained(app);
    assert_eq!(rest, "4\r\nover\r\n0\r\n\r\n");
    assert!(complete);
}
