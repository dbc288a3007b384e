//! Reading options: the file, then the environment, then the command line.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{ArgMatches, Command, Error, Parser};

use super::file;

/// The option that names the file.
const CONFIG: &str = "--config";

/// Reads the options of the program.
///
/// A value that is wrong, or `--help`, ends the program: with exit code 2 and a text on standard error, or
/// with 0. Options that a file gives need not be given elsewhere. The file is that of `--config`, or of
/// the environment variable `WATERSPOUT_CONFIG`.
#[must_use]
pub fn parse<P: Parser>() -> P {
    try_parse_from(std::env::args_os()).unwrap_or_else(|error| error.exit())
}

/// Reads options from arguments, whose first is the name of the program.
///
/// # Errors
///
/// Fails with `clap`'s error, whose text names the option and what it may be, and the file if the value
/// comes from there.
///
/// # Examples
///
/// ```
/// use waterspout::options::clap::{self, Parser};
/// use waterspout::options::{ServerOptions, try_parse_from};
///
/// #[derive(Parser)]
/// struct Options {
///     #[command(flatten)]
///     server: ServerOptions,
/// }
///
/// let options: Options = try_parse_from(["chat", "--port", "9000"]).unwrap();
/// assert_eq!(options.server.port, 9000);
/// let error = try_parse_from::<Options>(["chat", "--port", "many"]).err().unwrap();
/// assert!(error.to_string().contains("invalid value 'many' for '--port <PORT>'"));
/// ```
pub fn try_parse_from<P: Parser>(
    arguments: impl IntoIterator<Item = impl Into<OsString>>,
) -> Result<P, Error> {
    let arguments: Vec<OsString> = arguments.into_iter().map(Into::into).collect();
    let mut command = P::command();
    if let Some(path) = config_file(&command, &arguments) {
        command = file::apply(command, &path)?;
    }
    let mut matches = command.clone().try_get_matches_from(arguments)?;
    check_pair(&mut command, &matches)?;
    P::from_arg_matches_mut(&mut matches).map_err(|error| error.format(&mut command))
}

/// A certificate and a key are of no use without each other, wherever they come from: clap's `requires`
/// does not see what the file says.
fn check_pair(command: &mut Command, matches: &ArgMatches) -> Result<(), Error> {
    let given = |id| matches.try_contains_id(id).ok();
    match (given("tls_cert"), given("tls_key")) {
        (Some(certificate), Some(key)) if certificate != key => {
            let text = "--tls-cert and --tls-key must both be given";
            Err(command.error(ErrorKind::MissingRequiredArgument, text))
        }
        _ => Ok(()),
    }
}

/// Finds the file before the options are read, since it changes what they fall back on.
fn config_file(command: &Command, arguments: &[OsString]) -> Option<PathBuf> {
    let knows = |arg: &&clap::Arg| arg.get_long() == Some("config");
    let option = command.get_arguments().find(knows)?;
    let options = arguments.iter().take_while(|argument| *argument != "--");
    let mut found = None;
    let mut is_next = false;
    for argument in options {
        if is_next {
            found = Some(argument.as_os_str());
        }
        is_next = argument == CONFIG;
        let joined = argument.as_encoded_bytes().strip_prefix(b"--config=");
        if let Some(path) = joined.and_then(|path| std::str::from_utf8(path).ok()) {
            found = Some(OsStr::new(path));
        }
    }
    let named = found.map(PathBuf::from);
    named.or_else(|| std::env::var_os(option.get_env()?).map(PathBuf::from))
}
