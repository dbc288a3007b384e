//! The error page for those who write the program: nothing of it leaves the page, and it loads nothing.

use std::fmt::Write as _;

use super::causes::causes;
use super::title;
use crate::context::Context;
use crate::error::Error;
use crate::escape::{xhtml_escape, xhtml_escape_into};

/// Fields whose values open doors.
const SECRET: [&str; 6] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "x-api-key",
    "x-csrftoken",
    "x-xsrftoken",
];

const STYLE: &str = "body{font:15px/1.5 sans-serif;margin:2em;color:#222;max-width:70em}\
    h1{font-size:1.5em;color:#a00}h2{font-size:1.1em;margin-top:2em}\
    table{border-collapse:collapse}td{padding:.1em 1.5em .1em 0;vertical-align:top}\
    pre,td:last-child{font-family:monospace;white-space:pre-wrap;overflow-wrap:anywhere}\
    pre{background:#f4f4f4;padding:1em}footer{margin-top:3em;color:#777}";

/// The page, with causes, template, route and request.
pub(super) fn page<S>(cx: &Context<S>, error: &Error) -> String {
    let title = title(error);
    let mut page = format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>{STYLE}</style></head><body>\n<h1>{title}</h1>\n"
    );
    if let Some(message) = error.message() {
        // Writing to a String does not fail.
        _ = writeln!(page, "<p>{}</p>", xhtml_escape(message));
    }
    write_causes(&mut page, error);
    #[cfg(feature = "templates")]
    write_template(&mut page, error);
    write_route(&mut page, cx);
    write_request(&mut page, cx);
    page.push_str(
        "<footer>This page is shown since the application has <code>debug(true)</code>.</footer>\n\
         </body></html>\n",
    );
    page
}

fn write_causes(page: &mut String, error: &Error) {
    page.push_str("<h2>Causes</h2>\n<ol>\n");
    for cause in causes(error) {
        _ = writeln!(page, "<li><pre>{}</pre></li>", xhtml_escape(&cause));
    }
    page.push_str("</ol>\n");
}

/// The lines around the place in a template.
#[cfg(feature = "templates")]
fn write_template(page: &mut String, error: &Error) {
    let mut chain = super::causes::chain(error);
    let found = chain.find_map(|cause| cause.downcast_ref::<crate::template::TemplateError>());
    for place in found.into_iter().flat_map(|error| error.places()) {
        _ = writeln!(
            page,
            "<h2>{}, line {}</h2>\n<pre>{}</pre>",
            xhtml_escape(place.name()),
            place.line(),
            xhtml_escape(&place.excerpt())
        );
    }
}

fn write_route<S>(page: &mut String, cx: &Context<S>) {
    page.push_str("<h2>Route</h2>\n<table>\n");
    row(page, "pattern", cx.route_pattern().unwrap_or("(none)"));
    for (name, value) in cx.captures_by_name() {
        row(page, &name, &value);
    }
    page.push_str("</table>\n");
}

fn write_request<S>(page: &mut String, cx: &Context<S>) {
    page.push_str("<h2>Request</h2>\n<table>\n");
    row(page, "method", cx.method().as_str());
    row(page, "target", cx.uri());
    row(page, "protocol", cx.protocol());
    row(page, "client", &cx.remote_ip().to_string());
    page.push_str("</table>\n<h2>Header fields</h2>\n<table>\n");
    for (name, value) in cx.headers().iter() {
        if SECRET
            .iter()
            .any(|secret| name.eq_ignore_ascii_case(secret))
        {
            row(page, name, "(not shown)");
        } else {
            row(page, name, &String::from_utf8_lossy(value));
        }
    }
    page.push_str("</table>\n");
}

fn row(page: &mut String, name: &str, value: &str) {
    page.push_str("<tr><td>");
    xhtml_escape_into(page, name);
    page.push_str("</td><td>");
    xhtml_escape_into(page, value);
    page.push_str("</td></tr>\n");
}
