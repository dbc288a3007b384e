use std::cell::RefCell;
use std::rc::Rc;

use tracing::Level;
use waterspout::testing::ExpectLog;
use waterspout::{Application, Context, HttpError};

use super::support::{say, with_server};

fn app() -> Application {
    Application::new(())
        .get("/ok", say("ok"))
        .get("/error", async |_: &mut Context| {
            Err::<(), _>(HttpError::SERVICE_UNAVAILABLE)
        })
}

#[test]
fn requests_are_logged_in_tornados_format_at_the_level_of_their_status() {
    for (level, target, line) in [
        (
            Level::INFO,
            "/ok?x=1",
            r"^200 GET /ok\?x=1 \(127.0.0.1\) \d+\.\d\dms$",
        ),
        (
            Level::WARN,
            "/nowhere",
            r"^404 GET /nowhere \(127.0.0.1\) \d+\.\d\dms$",
        ),
        (
            Level::ERROR,
            "/error",
            r"^503 GET /error \(127.0.0.1\) \d+\.\d\dms$",
        ),
    ] {
        let lines = ExpectLog::at(level, "waterspout::access", line);
        with_server(app(), async |client| {
            client.get(target).await;
        });
        assert_eq!(lines.lines().len(), 1, "{target}");
    }
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
