//! Files that are served while they change: each is asked for twice, since what is known of it by then is served
//! on the loop.

use std::fs::{self, File};
use std::io::Write;
use std::os::fd::AsFd;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::fcntl::{PosixFadviseAdvice, posix_fadvise};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use waterspout::{Application, StaticFileHandler};

use super::support::{Client, with_server};

const LARGE: usize = 20_000_000;

/// A directory on a disk with a root in it, and a secret beside the root.
struct Site(TempDir);

impl Site {
    fn new() -> Self {
        let site = Self(TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap());
        fs::create_dir_all(site.at("root/dir")).unwrap();
        fs::create_dir_all(site.at("outside")).unwrap();
        site.write("root/dir/a.txt", "inside");
        site.write("outside/a.txt", "secret");
        site
    }

    fn at(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.at(name), content).unwrap();
    }

    fn serve(&self, test: impl AsyncFnOnce(Client)) {
        let files = StaticFileHandler::new(self.at("root")).default_file("a.txt");
        let app = Application::new(())
            .static_files("/static", files.clone())
            .static_files("/packed", files.precompressed(true));
        with_server(app, test);
    }
}

/// Asks twice, and expects the same both times.
async fn twice(client: Client, path: &str, fields: &str) -> (u16, String) {
    let ask = async || {
        let response = client.request("GET", path, fields).await;
        (response.status(), response.body().to_owned())
    };
    let first = ask().await;
    assert_eq!(first, ask().await, "{path}");
    first
}

fn large() -> Vec<u8> {
    octets(LARGE)
}

fn octets(length: usize) -> Vec<u8> {
    let round: Vec<u8> = (0..251).collect();
    let mut octets = round.repeat(length / round.len() + 1);
    octets.truncate(length);
    octets
}

#[test]
fn a_file_that_changes_is_served_as_it_is() {
    let site = Site::new();
    site.serve(async |client| {
        let path = "/static/dir/a.txt";
        assert_eq!(twice(client, path, "").await, (200, "inside".into()));
        assert_eq!(
            twice(client, "/static/dir/", "").await,
            (200, "inside".into())
        );
        let old = client.get(path).await.field("etag").to_owned();
        site.write("new", "inside, and longer");
        fs::rename(site.at("new"), site.at("root/dir/a.txt")).unwrap();
        let replaced = (200, "inside, and longer".into());
        assert_eq!(twice(client, path, "").await, replaced);
        let known = format!("If-None-Match: {old}\r\n");
        assert_eq!(twice(client, path, &known).await, replaced);
        let new = client.get(path).await.field("etag").to_owned();
        let known = format!("If-None-Match: {new}\r\n");
        assert_eq!(twice(client, path, &known).await.0, 304);
        fs::remove_file(site.at("root/dir/a.txt")).unwrap();
        assert_eq!(twice(client, path, "").await.0, 404);
        assert_eq!(twice(client, "/static/dir/", "").await.0, 404);
        site.write("root/dir/a.txt", "again");
        assert_eq!(twice(client, path, "").await, (200, "again".into()));
    });
}

#[test]
fn links_are_followed_inside_and_refused_outside_the_second_time_too() {
    let site = Site::new();
    symlink("a.txt", site.at("root/dir/relative.bin")).unwrap();
    symlink(site.at("root/dir/a.txt"), site.at("root/absolute")).unwrap();
    symlink("dir", site.at("root/other")).unwrap();
    symlink("../outside/a.txt", site.at("root/out")).unwrap();
    symlink(site.at("outside"), site.at("root/away")).unwrap();
    symlink("/proc/self/cwd", site.at("root/magic")).unwrap();
    site.serve(async |client| {
        for _ in 0..2 {
            for path in ["dir/relative.bin", "absolute", "other/a.txt", "other/"] {
                let response = client.get(&format!("/static/{path}")).await;
                assert_eq!(
                    (response.status(), response.body()),
                    (200, "inside"),
                    "{path}"
                );
                assert_eq!(response.field("content-type"), "text/plain", "{path}");
            }
            for path in ["out", "away/a.txt", "away/", "magic/Cargo.toml"] {
                let status = client.get(&format!("/static/{path}")).await.status();
                assert_eq!(status, 403, "{path}");
            }
        }
    });
}

#[test]
fn a_directory_that_becomes_a_link_leads_nowhere_from_the_next_request_on() {
    let site = Site::new();
    site.serve(async |client| {
        let path = "/static/dir/a.txt";
        assert_eq!(twice(client, path, "").await, (200, "inside".into()));
        fs::rename(site.at("root/dir"), site.at("moved")).unwrap();
        symlink(site.at("outside"), site.at("root/dir")).unwrap();
        assert_eq!(twice(client, path, "").await.0, 403);
        fs::remove_file(site.at("root/dir")).unwrap();
        symlink(site.at("moved"), site.at("root/dir")).unwrap();
        assert_eq!(twice(client, path, "").await.0, 403);
        fs::remove_file(site.at("root/dir")).unwrap();
        fs::rename(site.at("moved"), site.at("root/dir")).unwrap();
        assert_eq!(twice(client, path, "").await, (200, "inside".into()));
    });
}

/// A deployment that moves a link.
#[test]
fn a_root_that_is_a_link_is_followed_with_each_request() {
    let site = Site::new();
    for (name, content) in [("one", "first"), ("two", "second")] {
        fs::create_dir(site.at(name)).unwrap();
        site.write(&format!("{name}/a.txt"), content);
    }
    fs::rename(site.at("root"), site.at("old")).unwrap();
    site.serve(async |client| {
        assert_eq!(twice(client, "/static/a.txt", "").await.0, 404);
        for (name, content) in [("one", "first"), ("two", "second")] {
            symlink(name, site.at("link")).unwrap();
            fs::rename(site.at("link"), site.at("root")).unwrap();
            let wanted = (200, content.to_owned());
            assert_eq!(twice(client, "/static/a.txt", "").await, wanted);
        }
    });
}

#[test]
fn compressed_siblings_come_and_go() {
    let site = Site::new();
    let (path, takes) = ("/packed/dir/a.txt", "Accept-Encoding: gzip, br\r\n");
    site.serve(async |client| {
        assert_eq!(twice(client, path, takes).await, (200, "inside".into()));
        site.write("root/dir/a.txt.gz", "gzipped");
        assert_eq!(twice(client, path, takes).await, (200, "gzipped".into()));
        symlink("../../outside/a.txt", site.at("root/dir/a.txt.br")).unwrap();
        assert_eq!(twice(client, path, takes).await, (200, "gzipped".into()));
        fs::remove_file(site.at("root/dir/a.txt.br")).unwrap();
        site.write("root/dir/a.txt.br", "brotli");
        assert_eq!(twice(client, path, takes).await, (200, "brotli".into()));
        assert_eq!(twice(client, path, "").await, (200, "inside".into()));
        for name in ["root/dir/a.txt.br", "root/dir/a.txt.gz"] {
            fs::remove_file(site.at(name)).unwrap();
        }
        assert_eq!(twice(client, path, takes).await, (200, "inside".into()));
    });
}

#[test]
fn what_the_system_has_forgotten_is_read_again() {
    const LENGTH: usize = 3_000_000;
    let (site, content) = (Site::new(), octets(LENGTH));
    site.write("root/large", &content);
    let file = File::open(site.at("root/large")).unwrap();
    file.sync_all().unwrap();
    site.serve(async |client| {
        for (fields, part) in [
            ("", 0..LENGTH),
            ("Range: bytes=251-700000\r\n", 251..700_001),
            ("Range: bytes=502-602\r\n", 502..603),
        ] {
            for from in [0, 0, 100_000] {
                let forget = PosixFadviseAdvice::POSIX_FADV_DONTNEED;
                posix_fadvise(file.as_fd(), from, 0, forget).unwrap();
                let answer = download(client, fields).await;
                assert!(answer.ends_with(&content[part.clone()]), "{fields} {from}");
                assert!(answer.len() < part.len() + 500);
            }
        }
    });
}

#[test]
fn a_file_that_is_replaced_while_it_is_sent_is_sent_to_its_end() {
    let site = Site::new();
    site.write("root/large", large());
    site.serve(async |client| {
        let (mut stream, mut answer) = begin_download(client).await;
        site.write("new", "new");
        fs::rename(site.at("new"), site.at("root/large")).unwrap();
        stream.read_to_end(&mut answer).await.unwrap();
        assert!(answer.ends_with(&large()));
        assert_eq!(
            twice(client, "/static/large", "").await,
            (200, "new".into())
        );
    });
}

#[test]
fn a_file_that_is_cut_off_while_it_is_sent_ends_the_connection() {
    let site = Site::new();
    site.write("root/large", large());
    site.serve(async |client| {
        let (mut stream, mut answer) = begin_download(client).await;
        let file = File::options().write(true).open(site.at("root/large"));
        file.unwrap().set_len(1).unwrap();
        let ended = stream.read_to_end(&mut answer).await;
        assert!(ended.is_err() || answer.len() < LARGE, "{}", answer.len());
        assert_eq!(twice(client, "/static/large", "").await, (200, "\0".into()));
    });
}

/// `/proc` is no file system that is opened on the loop.
#[test]
fn other_file_systems_are_left_to_the_pool() {
    let app = Application::new(()).static_files("/static", Path::new("/proc/self"));
    with_server(app, async |client| {
        assert_eq!(twice(client, "/static/status", "").await.0, 200);
        assert_eq!(twice(client, "/static/missing", "").await.0, 404);
        assert_eq!(twice(client, "/static/root/etc/passwd", "").await.0, 403);
    });
}

async fn ask(client: Client, fields: &str) -> TcpStream {
    let mut stream = client.connect().await;
    let head = "GET /static/large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n";
    let request = format!("{head}{fields}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

/// Has the file in memory, asks for it and reads no more than how the answer begins.
async fn begin_download(client: Client) -> (TcpStream, Vec<u8>) {
    download(client, "").await;
    let mut stream = ask(client, "").await;
    let mut answer = vec![0; 1000];
    stream.read_exact(&mut answer).await.unwrap();
    (stream, answer)
}

async fn download(client: Client, fields: &str) -> Vec<u8> {
    let mut answer = Vec::new();
    let mut stream = ask(client, fields).await;
    stream.read_to_end(&mut answer).await.unwrap();
    answer
}

#[test]
fn a_file_that_is_written_while_it_is_asked_for_has_one_length() {
    let site = Site::new();
    site.serve(async |client| {
        let mut file = File::options()
            .append(true)
            .open(site.at("root/dir/a.txt"))
            .unwrap();
        for more in 1..20 {
            file.write_all(b"x").unwrap();
            let response = client.get("/static/dir/a.txt").await;
            assert_eq!(response.body().len(), 6 + more);
            assert_eq!(response.field("content-length"), (6 + more).to_string());
        }
    });
}
