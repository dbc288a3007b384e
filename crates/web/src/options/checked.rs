//! Texts in options that are read later, and refused now if they cannot be.

use tracing_subscriber::EnvFilter;

use crate::TrustedDownstream;

/// Checks a network.
pub(super) fn network(text: &str) -> Result<String, String> {
    let read = TrustedDownstream::networks([text]);
    read.map_err(|problem| problem.to_string())?;
    Ok(text.to_owned())
}

/// Checks directives of a log filter, of which there may be none.
pub(super) fn directives(text: &str) -> Result<String, String> {
    if !text.is_empty() {
        let problem = |problem| format!("{problem}; such as chat=debug,waterspout::access=off");
        EnvFilter::try_new(text).map_err(problem)?;
    }
    Ok(text.to_owned())
}
