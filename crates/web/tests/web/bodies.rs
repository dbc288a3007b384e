use tokio::io::{AsyncReadExt, AsyncWriteExt};
use waterspout::{Application, Context, ServerConfig};

use super::support::{Text, say, with_config, with_server};

async fn count(cx: &mut Context) -> Text {
    let (mut pieces, mut size) = (0, 0);
    while let Some(chunk) = cx.chunk().await? {
        pieces += 1;
        size += chunk.len();
    }
    Ok(format!("{size} {}", pieces > 0))
}

fn app() -> Application {
    Application::new(())
        .post("/echo", async |cx: &mut Context| cx.body())
        .post("/count", count)
        .put("/stream", count)
        .stream_body()
        .put("/limited", count)
        .stream_body()
        .max_body_size(10)
        .post("/small", async |cx: &mut Context| cx.body())
        .max_body_size(4)
        .put("/unread", say("not read"))
        .stream_body()
        .put("/json", async |cx: &mut Context| -> Text {
            Ok(cx.json::<u32>()?.to_string())
        })
        .stream_body()
}

const CLOSE: &str = "Host: t\r\nConnection: close\r\n";

#[test]
fn bodies_are_read_before_the_handler_runs() {
    with_server(app(), async |client| {
        let response = client.post("/echo", "text/plain", "hello").await;
        assert_eq!(response.body(), "hello");
        assert_eq!(client.post("/echo", "text/plain", "").await.body(), "");
        assert_eq!(
            client.post("/count", "text/plain", "hello").await.body(),
            "5 true"
        );
        let chunked = format!(
            "POST /echo HTTP/1.1\r\n{CLOSE}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n"
        );
        assert!(client.exchange(chunked).await.ends_with("\r\n\r\nabcde"));
    });
}

#[test]
fn bodies_beyond_the_limit_are_a_413_that_names_it() {
    with_config(
        app(),
        &ServerConfig::default().max_body_size(8),
        async |client| {
            let response = client.post("/echo", "text/plain", "123456789").await;
            assert_eq!(response.status(), 413);
            assert!(
                response.body().contains("max_body_size"),
                "{}",
                response.body()
            );
            assert_eq!(
                client.post("/small", "text/plain", "12345").await.status(),
                413
            );
            assert_eq!(
                client.post("/small", "text/plain", "1234").await.status(),
                200
            );
            assert_eq!(
                client
                    .post("/nowhere", "text/plain", "123456789")
                    .await
                    .status(),
                404
            );
        },
    );
}

#[test]
fn streamed_bodies_come_in_pieces_and_have_only_the_limit_of_their_route() {
    with_config(
        app(),
        &ServerConfig::default().max_body_size(8),
        async |client| {
            let mut stream = client.connect().await;
            let head = format!("PUT /stream HTTP/1.1\r\n{CLOSE}Content-Length: 100000\r\n\r\n");
            stream.write_all(head.as_bytes()).await.unwrap();
            for _ in 0..100 {
                stream.write_all(&[b'x'; 1000]).await.unwrap();
                tokio::task::yield_now().await;
            }
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            assert!(answer.ends_with("\r\n\r\n100000 true"), "{answer}");
            let limited =
                format!("PUT /limited HTTP/1.1\r\n{CLOSE}Content-Length: 11\r\n\r\n12345678901");
            assert!(client.exchange(limited).await.starts_with("HTTP/1.1 413 "));
            let unread = format!("PUT /unread HTTP/1.1\r\n{CLOSE}Content-Length: 3\r\n\r\nabc");
            assert!(client.exchange(unread).await.ends_with("not read"));
        },
    );
}

#[test]
fn whole_body_accessors_of_a_streaming_route_say_so() {
    with_server(app(), async |client| {
        let request = format!(
            "PUT /json HTTP/1.1\r\n{CLOSE}Content-Type: application/json\r\nContent-Length: 1\r\n\r\n1"
        );
        assert!(client.exchange(request).await.starts_with("HTTP/1.1 500 "));
    });
}

#[test]
fn expect_100_is_answered_before_the_body_is_read_and_not_for_a_refusal() {
    with_server(app(), async |client| {
        let mut stream = client.connect().await;
        let head = format!(
            "POST /echo HTTP/1.1\r\n{CLOSE}Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        );
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut interim = [0; 25];
        stream.read_exact(&mut interim).await.unwrap();
        assert_eq!(&interim, b"HTTP/1.1 100 Continue\r\n\r\n");
        stream.write_all(b"ok").await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.ends_with("\r\n\r\nok"));
        let refused = head.replace("POST", "DELETE");
        assert!(client.exchange(refused).await.starts_with("HTTP/1.1 405 "));
    });
}
