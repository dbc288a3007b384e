//! One line per request, in Tornado's format: `200 GET /path (127.0.0.1) 0.67ms`.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use tracing::Level;

use crate::context::Context;

/// A log function of the application's.
pub(crate) type LogFunction<S> = Box<dyn Fn(&Context<S>, Duration)>;

/// Where the line of a finished request goes.
pub(crate) enum AccessLog<S> {
    /// To `tracing`, with the target `waterspout::access`.
    Tracing,
    /// To a function of the application's.
    Function(LogFunction<S>),
}

impl<S> AccessLog<S> {
    /// Reads the clock, if anybody is going to read the line.
    #[inline]
    pub(crate) fn start(&self) -> Option<Instant> {
        match self {
            Self::Tracing if !tracing::enabled!(target: "waterspout::access", Level::ERROR) => None,
            _ => Some(Instant::now()),
        }
    }

    #[cold]
    pub(crate) fn write(&self, cx: &Context<S>, started: Instant) {
        let elapsed = started.elapsed();
        let _entered = cx.span().map(tracing::Span::enter);
        match self {
            Self::Tracing => trace(cx, elapsed),
            Self::Function(function) => {
                if catch_unwind(AssertUnwindSafe(|| function(cx, elapsed))).is_err() {
                    tracing::error!(target: "waterspout::application", "the log function panicked");
                }
            }
        }
    }
}

fn trace<S>(cx: &Context<S>, elapsed: Duration) {
    let status = cx.status().as_u16();
    let millis = elapsed.as_secs_f64() * 1000.0;
    let summary = Summary(cx);
    if status < 400 {
        tracing::info!(target: "waterspout::access", "{status} {summary} {millis:.2}ms");
    } else if status < 500 {
        tracing::warn!(target: "waterspout::access", "{status} {summary} {millis:.2}ms");
    } else {
        tracing::error!(target: "waterspout::access", "{status} {summary} {millis:.2}ms");
    }
}

/// A request as log lines name it: `GET /path (127.0.0.1)`.
pub(crate) struct Summary<'c, S>(pub(crate) &'c Context<S>);

impl<S> fmt::Display for Summary<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = self.0.request();
        let (method, target) = (request.method(), self.0.logged_target());
        write!(f, "{method} {target} ({})", request.remote_ip())
    }
}
