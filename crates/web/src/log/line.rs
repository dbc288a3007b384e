//! A line of the log for people, in Tornado's form.

use std::fmt;

use tracing::{Event, Level, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::{FormatTime, SystemTime};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, FormattedFields};
use tracing_subscriber::registry::LookupSpan;

/// Writes `[W 2026-11-21T09:30:00.000000Z target:12] message`: the brackets in the colour of the level,
/// further lines of a message four columns in, so that no text can pass for a line of its own.
pub(super) struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    fn format_event(
        &self,
        cx: &FmtContext<'_, S, N>,
        mut out: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let meta = event.metadata();
        let (letter, color) = mark(*meta.level());
        let in_color = out.has_ansi_escapes();
        if in_color {
            write!(out, "\x1b[3{color}m")?;
        }
        write!(out, "[{letter} ")?;
        SystemTime.format_time(&mut out)?;
        match meta.line() {
            Some(line) => write!(out, " {}:{line}]", meta.target())?,
            None => write!(out, " {}]", meta.target())?,
        }
        out.write_str(if in_color { "\x1b[0m " } else { " " })?;
        let mut text = String::new();
        write_spans::<S, N>(cx, &mut text)?;
        cx.format_fields(Writer::new(&mut text), event)?;
        writeln!(out, "{}", text.trim_end().replace('\n', "\n    "))
    }
}

/// Writes the spans that the event stands in, from the outermost: `request{id=7}: `.
fn write_spans<S, N>(cx: &FmtContext<'_, S, N>, text: &mut String) -> fmt::Result
where
    S: Subscriber + for<'s> LookupSpan<'s>,
    N: for<'w> FormatFields<'w> + 'static,
{
    let Some(scope) = cx.event_scope() else {
        return Ok(());
    };
    for span in scope.from_root() {
        text.push_str(span.name());
        if let Some(fields) = span.extensions().get::<FormattedFields<N>>()
            && !fields.is_empty()
        {
            fmt::Write::write_fmt(text, format_args!("{{{}}}", fields.fields))?;
        }
        text.push_str(": ");
    }
    Ok(())
}

/// The letter of a level, and Tornado's colour for it.
fn mark(level: Level) -> (char, u8) {
    match level {
        Level::ERROR => ('E', 1),
        Level::WARN => ('W', 3),
        Level::INFO => ('I', 2),
        Level::DEBUG => ('D', 4),
        Level::TRACE => ('T', 6),
    }
}
