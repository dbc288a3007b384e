use std::fs::{self, FileTimes};
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use waterspout::testing::expect_log;
use waterspout::{Application, Context, StaticFileHandler};

use super::support::{Client, with_server};

const SAME: &str = "Tue, 14 Nov 2023 22:13:20 GMT";
const BEFORE: &str = "Tue, 14 Nov 2023 22:13:19 GMT";

fn write(path: &Path, content: impl AsRef<[u8]>) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    let time = UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    let file = fs::File::options().write(true).open(path).unwrap();
    file.set_times(FileTimes::new().set_modified(time)).unwrap();
}

/// A directory `static` with files, and things beside it that nobody may see.
fn site() -> TempDir {
    let dir = TempDir::new().unwrap();
    let at = |name: &str| dir.path().join(name);
    write(&at("static/robots.txt"), "User-agent: *\nDisallow: /\n");
    write(&at("static/dir/index.html"), "<p>index");
    write(&at("static/empty/x"), "");
    write(&at("static/a b/é.css"), "p {}");
    write(&at("static/.env"), "secret");
    write(&at("static/big.bin"), vec![b'x'; 1_000_000]);
    write(&at("static/page.html"), "plain");
    write(&at("static/page.html.gz"), "gzipped");
    write(&at("static/page.html.br"), "brotli");
    write(&at("static_secret/x.txt"), "secret");
    write(&at("outside.txt"), "secret");
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        symlink(at("outside.txt"), at("static/out.txt")).unwrap();
        symlink(at("static_secret"), at("static/sibling")).unwrap();
        symlink("robots.txt", at("static/inner.txt")).unwrap();
        symlink("loop", at("static/loop")).unwrap();
        nix::unistd::mkfifo(&at("static/pipe"), nix::sys::stat::Mode::S_IRWXU).unwrap();
    }
    dir
}

fn serve(test: impl AsyncFnOnce(Client)) {
    let dir = site();
    let files = StaticFileHandler::new(dir.path().join("static")).default_file("index.html");
    let app = Application::new(())
        .static_files("/static", files.clone())
        .static_files("/packed/", files.precompressed(true))
        .get("/url/{*path}", async |cx: &mut Context| {
            cx.static_url(&cx.path::<String>("path")?)
        });
    with_server(app, test);
}

fn range(value: &str) -> String {
    format!("Range: {value}\r\n")
}

#[test]
fn a_file_has_its_type_length_tag_and_date() {
    serve(async |client| {
        let response = client.get("/static/robots.txt").await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.body(), "User-agent: *\nDisallow: /\n");
        assert_eq!(response.field("content-type"), "text/plain");
        assert_eq!(response.field("content-length"), "26");
        assert_eq!(response.field("last-modified"), SAME);
        assert_eq!(response.field("accept-ranges"), "bytes");
        assert_eq!(response.field("cache-control"), "");
        let head = client.request("HEAD", "/static/robots.txt", "").await;
        for name in ["content-type", "content-length", "last-modified", "etag"] {
            assert_eq!(head.field(name), response.field(name), "{name}");
        }
        assert_eq!((head.status(), head.body()), (200, ""));
        let empty = client.get("/static/empty/x").await;
        assert_eq!((empty.status(), empty.field("content-length")), (200, "0"));
        let encoded = client.get("/static/a%20b/%C3%A9.css").await;
        assert_eq!(encoded.field("content-type"), "text/css");
        assert_eq!(
            client.post("/static/robots.txt", "a/b", "").await.status(),
            405
        );
    });
}

#[test]
fn conditions_are_answered_with_304_and_412() {
    serve(async |client| {
        let ask = async |fields: String| client.request("GET", "/static/robots.txt", &fields).await;
        let etag = client
            .get("/static/robots.txt")
            .await
            .field("etag")
            .to_owned();
        for (fields, status) in [
            (format!("If-None-Match: {etag}\r\n"), 304),
            (format!("If-None-Match: \"x\", W/{etag}\r\n"), 304),
            ("If-None-Match: *\r\n".to_owned(), 304),
            (
                format!("If-None-Match: \"x\"\r\nIf-Modified-Since: {SAME}\r\n"),
                200,
            ),
            (format!("If-Modified-Since: {SAME}\r\n"), 304),
            (format!("If-Modified-Since: {BEFORE}\r\n"), 200),
            ("If-Modified-Since: yesterday\r\n".to_owned(), 200),
            (format!("If-Unmodified-Since: {BEFORE}\r\n"), 412),
            ("If-Match: \"x\"\r\n".to_owned(), 412),
            (format!("If-Match: {etag}\r\n"), 200),
            (
                format!("If-None-Match: {etag}\r\nRange: bytes=0-1\r\n"),
                304,
            ),
        ] {
            let response = ask(fields.clone()).await;
            assert_eq!(response.status(), status, "{fields}");
            if status == 304 {
                assert_eq!(response.field("etag"), etag);
                assert_eq!(response.field("last-modified"), SAME);
                assert_eq!(response.field("content-length"), "");
                assert_eq!((response.field("content-type"), response.body()), ("", ""));
            }
        }
    });
}

#[test]
fn one_range_is_a_206() {
    serve(async |client| {
        for (value, wanted, body) in [
            ("bytes=0-9", "bytes 0-9/26", "User-agent"),
            ("bytes=22-", "bytes 22-25/26", ": /\n"),
            ("bytes=-4", "bytes 22-25/26", ": /\n"),
            ("bytes=25-10000000", "bytes 25-25/26", "\n"),
        ] {
            let response = client
                .request("GET", "/static/robots.txt", &range(value))
                .await;
            assert_eq!((response.status(), response.body()), (206, body), "{value}");
            assert_eq!(response.field("content-range"), wanted);
            assert_eq!(response.field("content-length"), body.len().to_string());
        }
        for value in ["asdf", "bytes=10-3", "bytes=5", "bytes=+1-2", "lines=1-2"] {
            let response = client
                .request("GET", "/static/robots.txt", &range(value))
                .await;
            assert_eq!(
                (response.status(), response.body().len()),
                (200, 26),
                "{value}"
            );
        }
        for value in ["bytes=-0", "bytes=26-", "bytes=99-100"] {
            let response = client
                .request("GET", "/static/robots.txt", &range(value))
                .await;
            assert_eq!((response.status(), response.body()), (416, ""), "{value}");
            assert_eq!(response.field("content-range"), "bytes */26");
        }
        let head = client
            .request("HEAD", "/static/robots.txt", &range("bytes=0-1"))
            .await;
        assert_eq!((head.status(), head.field("content-length")), (200, "26"));
        let big = client
            .request("GET", "/static/big.bin", &range("bytes=1-600000"))
            .await;
        assert_eq!((big.status(), big.body().len()), (206, 600_000));
    });
}

#[test]
fn several_ranges_are_parts() {
    serve(async |client| {
        for (path, length) in [("/static/robots.txt", 26), ("/static/big.bin", 1_000_000)] {
            let response = client.request("GET", path, &range("bytes=0-1,-3")).await;
            assert_eq!(response.status(), 206);
            let kind = response.field("content-type");
            let boundary = kind
                .strip_prefix("multipart/byteranges; boundary=")
                .unwrap();
            assert_eq!(
                response.field("content-length"),
                response.body().len().to_string()
            );
            assert_eq!(response.field("content-range"), "");
            let parts: Vec<_> = response.body().split(&format!("--{boundary}")).collect();
            assert_eq!(parts.len(), 4);
            assert!(parts[1].contains(&format!("\r\nContent-Range: bytes 0-1/{length}\r\n\r\n")));
            assert!(parts[2].contains(&format!(
                "bytes {}-{}/{length}\r\n\r\n",
                length - 3,
                length - 1
            )));
            assert_eq!(parts[3], "--\r\n");
        }
        let many = range(&format!("bytes={}0-0", "0-0,".repeat(100)));
        assert_eq!(
            client
                .request("GET", "/static/big.bin", &many)
                .await
                .status(),
            200
        );
    });
}

#[test]
fn if_range_lets_a_range_through_only_for_the_same_file() {
    serve(async |client| {
        let etag = client
            .get("/static/robots.txt")
            .await
            .field("etag")
            .to_owned();
        for (value, status) in [
            (etag.as_str(), 206),
            (&format!("W/{etag}"), 200),
            ("\"x\"", 200),
            (SAME, 206),
            (BEFORE, 200),
        ] {
            let fields = format!("Range: bytes=0-1\r\nIf-Range: {value}\r\n");
            let response = client.request("GET", "/static/robots.txt", &fields).await;
            assert_eq!(response.status(), status, "{value}");
        }
    });
}

#[test]
fn no_path_leads_out() {
    serve(async |client| {
        for path in [
            "/static/../outside.txt",
            "/static/dir/../../outside.txt",
            "/static/%2e%2e/outside.txt",
            "/static/..%2foutside.txt",
            "/static/%2e%2e%2foutside.txt",
            "/static/..%5coutside.txt",
            "/static/..\\outside.txt",
            "/static/%252e%252e/outside.txt",
            "/static/%c0%ae%c0%ae/outside.txt",
            "/static//etc/passwd",
            "/static/%2fetc/passwd",
            "/static/../static_secret/x.txt",
            "/static/sibling/x.txt",
            "/static/out.txt",
            "/static/loop",
            "/static/pipe",
            "/static/%00",
            "/static/robots.txt%00.html",
            "/static/%",
            "/static/%zz",
            "/static/C:/x",
            "/static/robots.txt::$DATA",
            "/static/robots.txt.",
            "/static/robots.txt%20",
            "/static/NUL",
            "/static/com1.txt",
            "/static/.env",
            "/static/robots.txt/",
            "/static/robots.txt/x",
            "/static/empty",
            "/static/empty/",
            "/static/missing",
            "/static",
            &format!("/static/{}", "a".repeat(5000)),
        ] {
            let response = client.get(path).await;
            assert!(
                matches!(response.status(), 403 | 404),
                "{path}: {}",
                response.status()
            );
            assert!(!response.body().contains("secret"), "{path}");
        }
        assert_eq!(client.get("/static/inner.txt").await.status(), 200);
    });
}

#[test]
fn a_directory_has_its_default_file_behind_a_slash() {
    serve(async |client| {
        let response = client.get("/static/dir/").await;
        assert_eq!((response.status(), response.body()), (200, "<p>index"));
        let response = client.get("/static/dir?a=b").await;
        assert_eq!(response.status(), 301);
        assert_eq!(response.field("location"), "/static/dir/?a=b");
    });
}

/// CVE-2023-28370.
#[test]
fn no_redirect_of_a_default_file_leads_to_another_host() {
    let dir = site();
    let files = StaticFileHandler::new(dir.path().join("static")).default_file("index.html");
    with_server(
        Application::new(()).static_files("/", files),
        async |client| {
            for path in [
                "//evil.com/../dir",
                "//dir",
                "/%2fdir",
                "/\\dir",
                "///dir",
                "//evil.com/%2e%2e/dir",
            ] {
                let response = client.get(path).await;
                assert!(matches!(response.status(), 403 | 404), "{path}");
                assert_eq!(response.field("location"), "", "{path}");
            }
            assert_eq!(client.get("/dir").await.field("location"), "/dir/");
            assert_eq!(client.get("/robots.txt").await.status(), 200);
        },
    );
}

#[test]
fn a_versioned_url_may_be_kept_for_ever_if_the_version_is_right() {
    serve(async |client| {
        let url = client.get("/url/robots.txt").await;
        let (path, version) = url.body().split_once("?v=").unwrap();
        assert_eq!((path, version.len()), ("/static/robots.txt", 32));
        let kept = client.get(url.body()).await;
        assert_eq!(
            kept.field("cache-control"),
            "public, max-age=31536000, immutable"
        );
        for other in ["/static/robots.txt?v=", "/static/robots.txt?v=x"] {
            assert_eq!(
                client.get(other).await.field("cache-control"),
                "",
                "{other}"
            );
        }
        for path in ["missing", "..%2f..%2foutside.txt", "out.txt", "dir"] {
            let url = client.get(&format!("/url/{path}")).await;
            assert!(!url.body().contains("?v="), "{path}");
        }
    });
}

#[test]
fn compressed_siblings_go_to_those_who_take_them() {
    serve(async |client| {
        for (accept, coding, body) in [
            ("", "", "plain"),
            ("Accept-Encoding: gzip\r\n", "gzip", "gzipped"),
            ("Accept-Encoding: gzip, br\r\n", "br", "brotli"),
            (
                "Accept-Encoding: gzip, br;q=0.1, zstd\r\n",
                "gzip",
                "gzipped",
            ),
            ("Accept-Encoding: gzip;q=0\r\n", "", "plain"),
        ] {
            let response = client.request("GET", "/packed/page.html", accept).await;
            assert_eq!(response.field("content-encoding"), coding, "{accept}");
            assert_eq!(response.body(), body);
            assert_eq!(response.field("content-type"), "text/html");
            assert_eq!(response.field("vary"), "Accept-Encoding");
        }
        let plain = client.get("/packed/page.html").await;
        let gzip = client
            .request("GET", "/packed/page.html", "Accept-Encoding: gzip\r\n")
            .await;
        assert_ne!(plain.field("etag"), gzip.field("etag"));
        let unpacked = client
            .request("GET", "/static/page.html", "Accept-Encoding: gzip\r\n")
            .await;
        assert_eq!((unpacked.body(), unpacked.field("vary")), ("plain", ""));
    });
}

#[test]
fn a_large_file_arrives_whole_at_a_slow_reader() {
    let dir = TempDir::new().unwrap();
    let content: Vec<u8> = (0..5_000_000_u32)
        .map(|n| n.wrapping_mul(2_654_435_761).to_le_bytes()[3])
        .collect();
    write(&dir.path().join("large"), &content);
    let app = Application::new(()).static_files("/static", dir.path());
    with_server(app, async |client| {
        let mut stream = client.connect().await;
        let request = "GET /static/large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).await.unwrap();
        let (mut answer, mut piece) = (Vec::new(), vec![0; 10_000]);
        loop {
            tokio::task::yield_now().await;
            match stream.read(&mut piece).await.unwrap() {
                0 => break,
                count => answer.extend_from_slice(&piece[..count]),
            }
        }
        assert!(answer.ends_with(&content) && answer.len() < content.len() + 500);
    });
}

#[test]
fn a_directory_that_is_not_there_is_told_when_it_is_registered() {
    let told = expect_log(
        "waterspout::general",
        "^/no/such for /files/ is no directory",
    );
    drop(Application::new(()).static_files("/files", "/no/such"));
    drop(told);
}
