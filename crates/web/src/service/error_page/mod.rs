//! The default pages of failures: HTML for browsers, problem details in JSON for programs, and while a
//! program is written, with all that is known of the cause.

mod accept;
mod causes;
mod debug;

use serde::ser::{Serialize, SerializeMap, Serializer};

use self::accept::prefers_json;
use self::causes::causes;
use crate::context::Context;
use crate::error::{Error, Result, reason};
use crate::escape::xhtml_escape_into;
use crate::reply::HTML;

const PROBLEM_JSON: &str = "application/problem+json";

/// Problem details: RFC 9457 §3.1. Without a type of its own, the title is that of the status.
struct Problem<'a> {
    error: &'a Error,
    /// An extension, only under `debug`.
    causes: Vec<String>,
}

impl Serialize for Problem<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let status = self.error.status();
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", "about:blank")?;
        map.serialize_entry("title", reason(status))?;
        map.serialize_entry("status", &status.as_u16())?;
        if let Some(message) = self.error.message() {
            map.serialize_entry("detail", message)?;
        }
        if !self.causes.is_empty() {
            map.serialize_entry("causes", &self.causes)?;
        }
        map.end()
    }
}

impl<S> Context<S> {
    /// Writes the default error page: status, reason and the error's message.
    ///
    /// It is HTML, or `application/problem+json` (RFC 9457) for clients whose `Accept` asks for JSON before
    /// HTML. Under [`debug`](crate::Application::debug) it also shows the causes, the route and the
    /// request. A `write_error` of one's own falls back on it.
    ///
    /// # Errors
    ///
    /// Fails if the response is finished.
    pub fn write_error_page(&mut self, error: &Error) -> Result {
        self.add_header("Vary", "Accept")?;
        let shows_causes = self.site().debug && error.status().is_server_error();
        if self.header("Accept").is_some_and(prefers_json) {
            return self.write_problem(error, shows_causes);
        }
        let page = match shows_causes {
            true => debug::page(self, error),
            false => page(error),
        };
        self.reply_bytes(HTML, page)
    }

    fn write_problem(&mut self, error: &Error, shows_causes: bool) -> Result {
        let causes = match shows_causes {
            true => causes(error),
            false => Vec::new(),
        };
        let problem = Problem { error, causes };
        self.reply_json(PROBLEM_JSON, &problem)
    }
}

/// The page that everybody may see.
fn page(error: &Error) -> String {
    let title = title(error);
    let mut page = format!("<html><title>{title}</title><body>{title}");
    if let Some(message) = error.message() {
        page.push_str(": ");
        xhtml_escape_into(&mut page, message);
    }
    page.push_str("</body></html>");
    page
}

fn title(error: &Error) -> String {
    let status = error.status();
    format!("{}: {}", status.as_u16(), reason(status))
}
