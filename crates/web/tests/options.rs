//! Options from a file, the environment and the command line; and the log they set up.
#![cfg(feature = "options")]
#![expect(clippy::unwrap_used, reason = "what fails here fails its test")]

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use tempfile::TempDir;
use waterspout::log::{LogConfig, LogFormat, LogLevel, LogRotation};
use waterspout::middleware::request_id;
use waterspout::options::clap::{self, CommandFactory, Parser};
use waterspout::options::{ServerOptions, try_parse_from};
use waterspout::{Application, Context, HttpError};

/// A program of the tests.
#[derive(Debug, Parser)]
#[command(name = "chat")]
struct Options {
    /// Name that greets.
    #[arg(long, default_value = "lobby")]
    name: String,
    /// Rooms that are open from the start.
    #[arg(long)]
    room: Vec<String>,
    /// A key that must be given.
    #[arg(long)]
    key: String,
    /// Be quiet.
    #[arg(long)]
    quiet: bool,
    #[command(flatten)]
    server: ServerOptions,
}

struct ConfigFile {
    _directory: TempDir,
    path: PathBuf,
}

impl ConfigFile {
    fn new(text: &str) -> Self {
        let directory = TempDir::new().unwrap();
        let path = directory.path().join("chat.toml");
        fs::write(&path, text).unwrap();
        Self {
            _directory: directory,
            path,
        }
    }

    fn parse(&self, more: &[&str]) -> Result<Options, clap::Error> {
        let config = format!("--config={}", self.path.display());
        let arguments = ["chat", &config].into_iter().chain(more.iter().copied());
        try_parse_from(arguments)
    }

    fn refusal(&self, more: &[&str]) -> String {
        let error = self.parse(more).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
        error.to_string()
    }
}

#[test]
fn the_command_line_wins_over_the_file_and_the_file_over_the_default() {
    let file = ConfigFile::new(
        "name = 'parlour'\nport = 9000\nkey = 'k'\nroom = ['a', 'b']\nquiet = true\n\
         drain_timeout = '5s'\n[log]\nlevel = 'warn'\nfile-max-size = 10\n",
    );
    let options = file.parse(&["--port", "9001"]).unwrap();
    assert_eq!(options.name, "parlour");
    assert_eq!(options.key, "k");
    assert_eq!(options.room, ["a", "b"]);
    assert!(options.quiet);
    assert_eq!(options.server.port, 9001);
    assert_eq!(options.server.workers, 1);
    assert_eq!(options.server.drain_timeout, Duration::from_secs(5));
    assert_eq!(options.server.log.log_level, LogLevel::Warn);
    assert_eq!(options.server.log.config().rotation, LogRotation::Size(10));
    let options = file.parse(&["--room", "c"]).unwrap();
    assert_eq!(
        (options.server.port, options.room),
        (9000, vec!["c".to_owned()])
    );
}

#[test]
fn a_flag_can_be_switched_off_again_on_the_command_line() {
    let file = ConfigFile::new("debug = true\nxheaders = true\nkey = 'k'\n");
    assert!(file.parse(&[]).unwrap().server.debug);
    let options = file.parse(&["--debug=false"]).unwrap();
    assert!(!options.server.debug && options.server.xheaders);
    assert!(options.server.server_config().unwrap().xheaders.is_some());
}

#[test]
fn a_bad_value_names_the_option_the_values_and_the_file() {
    let plain = try_parse_from::<Options>(["chat", "--key=k", "--log-level=loud"]).unwrap_err();
    let text = plain.to_string();
    assert!(
        text.contains("'loud' for '--log-level <LOG_LEVEL>'"),
        "{text}"
    );
    assert!(
        text.contains("possible values: trace, debug, info, warn, error, off"),
        "{text}"
    );
    for (text, option, why) in [
        ("port = 'many'", "--port", "whole number from 0 to 65535"),
        ("port = 70000", "--port", "whole number from 0 to 65535"),
        ("port = -1", "--port", "whole number from 0 to 65535"),
        ("workers = 'all'", "--workers", "whole number from 0"),
        ("processes = 1.5", "--processes", "whole number from 0"),
        (
            "log-file-max-size = '1 MB'",
            "--log-file-max-size",
            "whole number of octets",
        ),
        (
            "log-file-num-backups = ''",
            "--log-file-num-backups",
            "whole number from 0",
        ),
        (
            "log_level = 'loud'",
            "--log-level",
            "possible values: trace",
        ),
        ("drain-timeout = 'soon'", "--drain-timeout", "1.5h"),
        ("prot = 1", "\"prot\"", "there is no option"),
        ("port = [1, 2]", "--port", "one value, not 2"),
        ("quiet = 'perhaps'", "--quiet", "true or false"),
        ("port = ", "chat.toml", "TOML"),
    ] {
        let refusal = ConfigFile::new(text).refusal(&["--key=k"]);
        for part in ["chat.toml", option, why] {
            let said = refusal.contains(part) || part == "TOML" && refusal.contains("line 1");
            assert!(said, "{text}: {refusal:?} does not say {part}");
        }
    }
    let missing = try_parse_from::<Options>(["chat", "--config", "/no/such/file"]).unwrap_err();
    assert!(
        missing
            .to_string()
            .contains("/no/such/file: cannot be read"),
        "{missing}"
    );
}

#[test]
fn what_cannot_be_used_later_is_refused_with_the_code_2_too() {
    for (arguments, parts) in [
        (
            &["--trusted-downstream=::1,nowhere"][..],
            [
                "--trusted-downstream",
                "\"nowhere\" is not a network such as",
            ],
        ),
        (&["--log-filter==="], ["--log-filter", "such as chat=debug"]),
        (&["--tls-cert=a.pem"], ["--tls-cert", "--tls-key"]),
        (&["--tls-key=a.pem"], ["--tls-cert", "--tls-key"]),
    ] {
        let all = ["chat", "--key=k"].iter().chain(arguments);
        let error = try_parse_from::<Options>(all.copied()).unwrap_err();
        assert_eq!(error.exit_code(), 2, "{error}");
        for part in parts {
            assert!(error.to_string().contains(part), "{error}");
        }
    }
    let file = ConfigFile::new("key = 'k'\n[tls]\ncert = 'a.pem'\n");
    assert!(file.refusal(&[]).contains("--tls-key"));
    let options = file.parse(&["--tls-key=b.pem", "--log-filter="]).unwrap();
    assert_eq!(options.server.tls_cert.unwrap(), PathBuf::from("a.pem"));
}

#[test]
fn help_shows_the_defaults() {
    Options::command().debug_assert();
    let help = Options::command().render_long_help().to_string();
    assert!(
        help.contains("--port <PORT>") && help.contains("[default: 8888]"),
        "{help}"
    );
    assert!(help.contains("[env: WATERSPOUT_PORT="), "{help}");
    let file = ConfigFile::new("port = 9009\n");
    let shown = file.parse(&["--help"]).unwrap_err();
    assert_eq!(shown.exit_code(), 0);
    assert!(shown.to_string().contains("[default: 9009]"), "{shown}");
}

#[derive(Debug, Parser)]
struct Undescribed {
    #[command(flatten)]
    _server: ServerOptions,
}

#[test]
fn help_describes_the_program_and_not_its_groups_of_options() {
    let help = Options::command().render_long_help().to_string();
    assert!(help.starts_with("A program of the tests"), "{help}");
    let help = Undescribed::command().render_long_help().to_string();
    assert!(help.starts_with("Usage: "), "{help}");
}

#[test]
fn a_server_listens_where_the_options_say() {
    let options: Options =
        try_parse_from(["chat", "--key=k", "--port=0", "--address=127.0.0.1"]).unwrap();
    let server = options.server.server(|| Application::new(())).unwrap();
    assert_eq!(server.addresses().len(), 1);
    // By clap's own reading, which does not look at the two together.
    let half = Options::parse_from(["chat", "--key=k", "--port=0", "--tls-cert=x"]);
    let error = half.server.server(|| Application::new(())).unwrap_err();
    assert!(format!("{error:?}").contains("--tls-key"), "{error:?}");
}

fn lines_of(config: LogConfig, write: impl FnOnce()) -> Vec<String> {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("chat.log");
    let dispatch = config.file(&path).dispatch().unwrap();
    tracing::dispatcher::with_default(&dispatch, write);
    let text = fs::read_to_string(&path).unwrap();
    text.lines().map(str::to_owned).collect()
}

#[test]
fn a_line_has_its_level_time_and_place_and_later_lines_are_indented() {
    let config = LogConfig::default().filter("quiet=off");
    let lines = lines_of(config, || {
        tracing::warn!(target: "chat", room = 7, "first\n[E fake");
        tracing::debug!(target: "chat", "below the level");
        tracing::error!(target: "quiet", "switched off");
        tracing::info!(target: "chat", "\x1b[31mred");
    });
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(
        lines[0].starts_with("[W 20") && lines[0].contains(" chat:"),
        "{lines:?}"
    );
    assert!(lines[0].ends_with("] first"), "{lines:?}");
    assert_eq!(lines[1], "    [E fake room=7");
    assert!(!lines[2].contains('\x1b'), "{lines:?}");
}

#[test]
fn json_lines_are_objects() {
    let lines = lines_of(LogConfig::default().format(LogFormat::Json), || {
        tracing::info!(target: "chat", room = 7, "hello\n\"you\"");
    });
    let line: serde_json::Value = serde_json::from_str(&lines[0]).unwrap();
    assert_eq!(line["message"], "hello\n\"you\"");
    assert_eq!((&line["room"], &line["level"]), (&7.into(), &"INFO".into()));
}

#[test]
fn every_line_about_a_request_has_its_id() {
    let app = || {
        Application::new(())
            .get("/", async |_: &mut Context| -> waterspout::Result<()> {
                tracing::info!(target: "chat", "in the handler");
                Err(HttpError::CONFLICT.with_message("why").into())
            })
            .wrap(request_id())
    };
    let lines = lines_of(
        LogConfig::default().filter("waterspout::request=info"),
        || {
            waterspout::net::IoLoop::new().unwrap().run_sync(async {
                let service = app().into_service();
                let config = waterspout::ServerConfig::default();
                let server =
                    waterspout::http::server::HttpServer::new(std::rc::Rc::new(service), &config);
                let options = waterspout::net::BindOptions::default().address("127.0.0.1");
                let socket = waterspout::net::bind_sockets(0, options).unwrap().remove(0);
                let port = socket.local_addr().unwrap().port().unwrap();
                server.serve(waterspout::net::Listener::from_bound(socket).unwrap());
                let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port))
                    .await
                    .unwrap();
                let request =
                    b"GET / HTTP/1.1\r\nHost: x\r\nX-Request-Id: abc\r\nConnection: close\r\n\r\n";
                tokio::io::AsyncWriteExt::write_all(&mut stream, request)
                    .await
                    .unwrap();
                let mut answer = String::new();
                tokio::io::AsyncReadExt::read_to_string(&mut stream, &mut answer)
                    .await
                    .unwrap();
                assert!(answer.starts_with("HTTP/1.1 409 "), "{answer}");
            });
        },
    );
    assert_eq!(lines.len(), 3, "handler, failure, access: {lines:?}");
    for line in &lines {
        assert!(line.contains("request{id=abc}: "), "{line}");
    }
}

#[test]
fn a_full_file_makes_room_and_the_oldest_is_dropped() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("chat.log");
    let config = LogConfig::default()
        .file(&path)
        .rotation(LogRotation::Size(1))
        .backups(2);
    tracing::dispatcher::with_default(&config.dispatch().unwrap(), || {
        for number in 0..5 {
            tracing::info!(target: "chat", "line {number}");
        }
    });
    let read = |name: &str| fs::read_to_string(directory.path().join(name)).unwrap();
    assert!(read("chat.log").ends_with("line 4\n"));
    assert!(read("chat.log.1").ends_with("line 3\n"));
    assert!(read("chat.log.2").ends_with("line 2\n"));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 3);
}

#[test]
fn a_file_of_an_earlier_period_makes_room_at_the_first_line() {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join("chat.log");
    fs::write(&path, "old\n").unwrap();
    let yesterday = std::time::SystemTime::now() - Duration::from_secs(86_400);
    let file = fs::File::options().append(true).open(&path).unwrap();
    file.set_modified(yesterday).unwrap();
    let day = LogRotation::Time(Duration::from_secs(86_400));
    let config = LogConfig::default().file(&path).rotation(day);
    tracing::dispatcher::with_default(&config.dispatch().unwrap(), || {
        tracing::info!("new");
    });
    assert!(fs::read_to_string(&path).unwrap().ends_with("new\n"));
    let kept = fs::read_to_string(directory.path().join("chat.log.1")).unwrap();
    assert_eq!(kept, "old\n");
}

#[test]
fn what_cannot_be_logged_to_is_an_error_that_says_so() {
    let error = LogConfig::default()
        .file("/no/such/directory/x.log")
        .dispatch()
        .unwrap_err();
    assert!(
        format!("{error:?}").contains("/no/such/directory/x.log"),
        "{error:?}"
    );
    let error = LogConfig::default().filter("a=b=c").dispatch().unwrap_err();
    assert!(format!("{error:?}").contains("a=b=c"), "{error:?}");
}
