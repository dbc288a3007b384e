use std::fmt;

use serde::de;

/// Why arguments are not what the type wants.
#[derive(Debug)]
pub(super) enum TypedError {
    Missing(&'static str),
    /// The field is not known while its value is looked at.
    Invalid {
        field: Option<String>,
        problem: String,
    },
}

impl TypedError {
    pub(super) fn problem(problem: impl Into<String>) -> Self {
        Self::Invalid {
            field: None,
            problem: problem.into(),
        }
    }

    /// Says which field it was, unless that is known.
    pub(super) fn of(self, name: &str) -> Self {
        match self {
            Self::Invalid {
                field: None,
                problem,
            } => Self::Invalid {
                field: Some(name.to_owned()),
                problem,
            },
            other => other,
        }
    }

    /// The text for the client. `kind` is what the fields are.
    pub(super) fn describe(&self, kind: &str) -> String {
        let subject = self.describe_without_value(kind);
        match self {
            Self::Missing(_) => subject,
            Self::Invalid { problem, .. } => format!("{subject}: {problem}"),
        }
    }

    /// The text for the log.
    pub(super) fn describe_without_value(&self, kind: &str) -> String {
        match self {
            Self::Missing(name) => format!("Missing {kind} {name}"),
            Self::Invalid {
                field: Some(name), ..
            } => format!("Invalid {kind} {name}"),
            Self::Invalid { field: None, .. } => format!("Invalid {kind}s"),
        }
    }
}

impl de::Error for TypedError {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::problem(message.to_string())
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }
}

impl fmt::Display for TypedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe("argument"))
    }
}

impl std::error::Error for TypedError {}
