//! Both sides on one loop.

use std::cell::RefCell;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::rc::Rc;

use waterspout::http::client::HttpRequest;
use waterspout::testing::{TestServer, serve};

use super::*;

/// Keeps what is drawn.
#[derive(Clone, Default)]
struct Screen(Rc<RefCell<Vec<u8>>>);

impl Write for Screen {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.borrow_mut().write(octets)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn with_receiver(test: impl AsyncFnOnce(TestServer, &Path)) {
    let directory = tempfile::tempdir().unwrap();
    IoLoop::new().unwrap().run_sync(async {
        let server = serve(app(directory.path().to_owned()));
        test(server, directory.path()).await;
    });
}

#[test]
fn files_arrive_whole_by_both_ways() {
    with_receiver(async |server, directory| {
        let outside = tempfile::tempdir().unwrap();
        let source = outside.path().join("a file é.bin");
        let content: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
        fs::write(&source, &content).unwrap();
        for form in [false, true] {
            let screen = Screen::default();
            let bar = Bar::to(Rc::new(RefCell::new(screen.clone())));
            let answer = send(&server.url(""), &source, form, bar).await.unwrap();
            assert_eq!(answer, "a file é.bin: 4000000 octets");
            let target = directory.join("a file é.bin");
            assert!(fs::read(&target).unwrap() == content);
            fs::remove_file(target).unwrap();
            let drawn = String::from_utf8(screen.0.take()).unwrap();
            assert!(drawn.starts_with("\r[........................................]   0%"));
            assert!(drawn.ends_with("\r[########################################] 100%\n"));
            assert!(drawn.matches('\r').count() > 20, "{drawn}");
        }
    });
}

#[test]
fn an_empty_file_is_a_file() {
    with_receiver(async |server, directory| {
        let outside = tempfile::tempdir().unwrap();
        let source = outside.path().join("empty");
        fs::write(&source, "").unwrap();
        let bar = Bar::to(Rc::new(RefCell::new(std::io::sink())));
        send(&server.url(""), &source, false, bar).await.unwrap();
        assert_eq!(fs::read(directory.join("empty")).unwrap(), b"");
    });
}

#[test]
fn names_that_lead_elsewhere_are_refused() {
    with_receiver(async |server, directory| {
        for name in ["..%2Fsecret", ".hidden", "a%5Cb", "%00", "c:x"] {
            let request = HttpRequest::put(server.url(&format!("/{name}"))).with_body("x");
            assert_eq!(
                server.fetch(request.raise_error(false)).await.code(),
                400,
                "{name}"
            );
        }
        assert_eq!(fs::read_dir(directory).unwrap().count(), 0);
    });
}

#[test]
fn the_page_sends_a_form() {
    with_receiver(async |server, _directory| {
        assert!(server.get("/").await.text().contains("multipart/form-data"));
        let request = HttpRequest::post(server.url("/"))
            .with_body("no form")
            .raise_error(false);
        assert_eq!(server.fetch(request).await.code(), 415);
    });
}
