use std::cell::RefCell;
use std::fmt::{self, Write};
use std::rc::Rc;
use std::sync::{Arc, Mutex};

use tracing::field::{Field, Visit};
use tracing::span;
use tracing::{Event, Level, Metadata, Subscriber};
use waterspout::{Application, Context, HttpError};

use super::support::{say, with_server};

/// Keeps the lines of the access log.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<(Level, String)>>>);

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "waterspout::access"
    }

    fn event(&self, event: &Event<'_>) {
        let mut line = String::new();
        event.record(&mut Message(&mut line));
        let level = *event.metadata().level();
        self.0.lock().unwrap().push((level, line));
    }

    fn new_span(&self, _span: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _span: &span::Id, _values: &span::Record<'_>) {}

    fn record_follows_from(&self, _span: &span::Id, _follows: &span::Id) {}

    fn enter(&self, _span: &span::Id) {}

    fn exit(&self, _span: &span::Id) {}
}

struct Message<'l>(&'l mut String);

impl Visit for Message<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").unwrap();
        }
    }
}

fn app() -> Application {
    Application::new(())
        .get("/ok", say("ok"))
        .get("/error", async |_: &mut Context| {
            Err::<(), _>(HttpError::SERVICE_UNAVAILABLE)
        })
}

/// Takes the milliseconds off a line and checks that they are some.
fn without_time(line: &str) -> &str {
    let (head, time) = line.rsplit_once(' ').unwrap();
    let millis = time.strip_suffix("ms").unwrap();
    let (_, decimals) = millis.split_once('.').unwrap();
    assert!(decimals.len() == 2 && millis.parse::<f64>().is_ok());
    head
}

#[test]
fn requests_are_logged_in_tornados_format_at_the_level_of_their_status() {
    let lines = Lines::default();
    tracing::subscriber::with_default(lines.clone(), || {
        with_server(app(), async |client| {
            client.get("/ok?x=1").await;
            client.get("/nowhere").await;
            client.get("/error").await;
        });
    });
    let lines = lines.0.lock().unwrap();
    let lines: Vec<_> = lines
        .iter()
        .map(|(level, line)| (*level, without_time(line)))
        .collect();
    assert_eq!(
        lines,
        [
            (Level::INFO, "200 GET /ok?x=1 (127.0.0.1)"),
            (Level::WARN, "404 GET /nowhere (127.0.0.1)"),
            (Level::ERROR, "503 GET /error (127.0.0.1)"),
        ]
    );
}

#[test]
fn a_log_function_takes_the_place_of_the_log_and_its_panic_harms_nobody() {
    let seen = Rc::new(RefCell::new(Vec::new()));
    let log = Rc::clone(&seen);
    let app = app().log_function(move |cx, _elapsed| {
        log.borrow_mut()
            .push((cx.status().as_u16(), cx.uri().to_owned()));
        assert_eq!(cx.status(), 200, "on purpose");
    });
    with_server(app, async |client| {
        assert_eq!(client.get("/nowhere").await.status(), 404);
        assert_eq!(client.get("/ok").await.status(), 200);
    });
    assert_eq!(
        *seen.borrow(),
        [(404, "/nowhere".to_owned()), (200, "/ok".to_owned())]
    );
}
