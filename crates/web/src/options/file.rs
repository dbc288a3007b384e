//! Values of options from a TOML file.

use std::path::Path;

use clap::builder::{OsStr, Resettable};
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command, Error};
use toml::{Table, Value};

/// One option of the file, with its values as the command line would write them.
struct Entry {
    name: String,
    values: Vec<String>,
}

/// Makes the values of a file the defaults of the options they name.
pub(super) fn apply(mut command: Command, path: &Path) -> Result<Command, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|problem| refuse(ErrorKind::Io, path, &format!("cannot be read: {problem}")))?;
    let table: Table = text
        .parse()
        .map_err(|problem| refuse(ErrorKind::Format, path, &format!("{problem}")))?;
    let mut entries = Vec::new();
    flatten("", table, &mut entries);
    for entry in entries {
        let Some(arg) = find(&command, &entry.name) else {
            let text = format!("there is no option {:?}", entry.name);
            return Err(refuse(ErrorKind::UnknownArgument, path, &text));
        };
        let id = arg.get_id().clone();
        check(&command, arg, &entry).map_err(|problem| {
            let text = first_paragraph(&problem);
            refuse(problem.kind(), path, &text)
        })?;
        let values = entry.values.into_iter().map(OsStr::from);
        command = command.mut_arg(id, |arg| arg.default_values(values).required(false));
    }
    Ok(command)
}

/// Tables are the common beginning of their options' names.
fn flatten(prefix: &str, table: Table, out: &mut Vec<Entry>) {
    for (key, value) in table {
        let name = format!("{prefix}{}", key.replace('_', "-"));
        match value {
            Value::Table(inner) => flatten(&format!("{name}-"), inner, out),
            Value::Array(values) => {
                let values = values.into_iter().map(text_of).collect();
                out.push(Entry { name, values });
            }
            value => out.push(Entry {
                name,
                values: vec![text_of(value)],
            }),
        }
    }
}

fn text_of(value: Value) -> String {
    match value {
        Value::String(text) => text,
        Value::Integer(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Boolean(truth) => truth.to_string(),
        Value::Datetime(time) => time.to_string(),
        // A list in a list is no value of an option, and the option says so.
        other => format!("{other:?}"),
    }
}

fn find<'c>(command: &'c Command, name: &str) -> Option<&'c Arg> {
    let is_named = |arg: &&Arg| {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        arg.get_long() == Some(name) || aliases.contains(&name)
    };
    command.get_arguments().find(is_named)
}

/// Has `clap` look at the values by themselves, so that what it says can name the file.
fn check(command: &Command, arg: &Arg, entry: &Entry) -> Result<(), Error> {
    let id = arg.get_id().clone();
    let mut line = vec![String::new()];
    match (arg.get_action(), entry.values.as_slice()) {
        (ArgAction::SetTrue | ArgAction::SetFalse, [value]) => match value.as_str() {
            "true" => line.push(format!("--{}", entry.name)),
            "false" => {}
            _ => {
                let text = format!(
                    "invalid value '{value}' for '--{}': true or false",
                    entry.name
                );
                return Err(Error::raw(ErrorKind::InvalidValue, text));
            }
        },
        (_, values) => line.extend(
            values
                .iter()
                .map(|value| format!("--{}={value}", entry.name)),
        ),
    }
    let alone = arg.clone().required(false).action(match arg.get_action() {
        ArgAction::Set => ArgAction::Append,
        other => other.clone(),
    });
    let probe = Command::new(command.get_name().to_owned())
        .disable_help_flag(true)
        .arg(alone.env(Resettable::Reset));
    let found = probe.try_get_matches_from(line)?;
    let many = found.get_raw(id.as_str()).map_or(0, Iterator::count);
    let takes_many = matches!(arg.get_action(), ArgAction::Append)
        || arg
            .get_num_args()
            .is_some_and(|range| range.max_values() > 1);
    if many > 1 && !takes_many {
        let text = format!("'--{}' takes one value, not {many}", entry.name);
        return Err(Error::raw(ErrorKind::TooManyValues, text));
    }
    Ok(())
}

fn refuse(kind: ErrorKind, path: &Path, problem: &str) -> Error {
    Error::raw(
        kind,
        format!(
            "configuration file {}: {}\n",
            path.display(),
            problem.trim_end()
        ),
    )
}

/// What `clap` says before the usage.
fn first_paragraph(error: &Error) -> String {
    let text = error.to_string();
    let lines = text
        .lines()
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more"));
    let joined = lines.collect::<Vec<_>>().join("\n");
    joined.trim_start_matches("error: ").trim_end().to_owned()
}
