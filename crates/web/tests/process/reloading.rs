//! A program that is replaced while it runs.

use std::ffi::OsStr;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;
use waterspout::{Autoreload, HttpServer};

use super::started::{Started, rest, send};

/// Has the server watch its file, and build by a command that fails when a source changes: the
/// arguments are a file to watch and a source.
pub(crate) fn add_to<S: 'static>(server: HttpServer<S>) -> HttpServer<S> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let lines = Lines(arguments[0].with_file_name("log"));
    tracing::subscriber::set_global_default(lines).unwrap();
    let settings = Autoreload::new()
        .check_time(Duration::from_millis(5))
        .watch(&arguments[0])
        .source(&arguments[1])
        .build("false", [""; 0])
        .on_restart(|| println!("restarting"));
    server.autoreload(settings)
}

/// A copy of this program, a file it watches and a source.
struct Files {
    directory: TempDir,
}

impl Files {
    fn new() -> Self {
        let directory = TempDir::new().unwrap();
        fs::copy(
            std::env::current_exe().unwrap(),
            directory.path().join("program"),
        )
        .unwrap();
        let files = Self { directory };
        fs::write(files.path("watched"), "1").unwrap();
        fs::write(files.path("source"), "1").unwrap();
        fs::write(files.path("log"), "").unwrap();
        files
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn start(&self) -> Started {
        let (watched, source) = (self.path("watched"), self.path("source"));
        let arguments: [&OsStr; 2] = [watched.as_ref(), source.as_ref()];
        Started::of_file(&self.path("program"), "reloading", &arguments)
    }
}

pub(crate) fn takes_over() {
    let files = Files::new();
    let mut server = files.start();
    let before = server.get("/worker");
    let mut idle = server.connect();
    send(&mut idle, "GET /worker HTTP/1.1\r\nHost: t\r\n\r\n");
    // As a linker does it: a new file under the old name.
    fs::copy(files.path("program"), files.path("linked")).unwrap();
    fs::rename(files.path("linked"), files.path("program")).unwrap();
    assert_eq!(server.line(), "restarting");
    // The socket is open all the while: nobody is refused, also before the new program accepts.
    let mut early = server.connect();
    send(
        &mut early,
        "GET /worker HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n",
    );
    assert_eq!(server.line(), server.port.to_string());
    assert!(
        rest(&mut early).ends_with(&before),
        "the same process: {before}"
    );
    assert!(before.starts_with(&server.id().to_string()));
    assert!(
        rest(&mut idle).ends_with(&before),
        "the old program closed it in order"
    );
    fs::write(files.path("watched"), "22").unwrap();
    assert_eq!(server.line(), "restarting");
    assert_eq!(server.line(), server.port.to_string());
    assert_eq!(server.get("/worker"), before);
}

pub(crate) fn survives_a_failed_build() {
    let files = Files::new();
    let server = files.start();
    let before = server.get("/worker");
    fs::write(files.path("source"), "22").unwrap();
    let log = files.path("log");
    while !read(&log).contains("build command false failed with 1, the old program serves on") {
        assert_eq!(server.get("/worker"), before);
    }
    assert!(read(&log).contains("source modified; building"));
    assert_eq!(server.get("/worker"), before);
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

/// Appends the messages of the log to a file.
struct Lines(PathBuf);

impl tracing::Subscriber for Lines {
    fn enabled(&self, metadata: &tracing::Metadata<'_>) -> bool {
        metadata.target() == "waterspout::general"
    }

    fn event(&self, event: &tracing::Event<'_>) {
        let mut file = fs::File::options().append(true).open(&self.0).unwrap();
        event.record(
            &mut |field: &tracing::field::Field, value: &dyn std::fmt::Debug| {
                if field.name() == "message" {
                    writeln!(file, "{value:?}").unwrap();
                }
            },
        );
    }

    fn new_span(&self, _: &tracing::span::Attributes<'_>) -> tracing::span::Id {
        tracing::span::Id::from_u64(1)
    }

    fn record(&self, _: &tracing::span::Id, _: &tracing::span::Record<'_>) {}

    fn record_follows_from(&self, _: &tracing::span::Id, _: &tracing::span::Id) {}

    fn enter(&self, _: &tracing::span::Id) {}

    fn exit(&self, _: &tracing::span::Id) {}
}
