//! Options of the log.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::checked::directives;
use super::duration;
use super::number::{count, octets};
use crate::error::Result;
use crate::log::{LogConfig, LogFormat, LogLevel, LogRotation};

/// What makes a file of the log make room for the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum RotateMode {
    /// Its size.
    Size,
    /// The time.
    Time,
}

// Not written as a comment, which clap would show as the description of the whole program.
#[doc = concat!("Options of the log; part of [`ServerOptions`](super::ServerOptions), and of use without it.")]
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Log")]
#[non_exhaustive]
pub struct LogOptions {
    /// Least serious lines that are logged.
    #[arg(
        long,
        env = "WATERSPOUT_LOG_LEVEL",
        value_enum,
        default_value = "info",
        alias = "logging"
    )]
    pub log_level: LogLevel,
    /// Levels for parts of the program, such as waterspout::access=off,chat=debug.
    #[arg(long, env = "RUST_LOG", value_name = "DIRECTIVES", value_parser = directives)]
    pub log_filter: Option<String>,
    /// Form of a line.
    #[arg(
        long,
        env = "WATERSPOUT_LOG_FORMAT",
        value_enum,
        default_value = "pretty"
    )]
    pub log_format: LogFormat,
    /// File that lines are appended to.
    #[arg(
        long,
        env = "WATERSPOUT_LOG_FILE",
        value_name = "PATH",
        alias = "log-file-prefix"
    )]
    pub log_file: Option<PathBuf>,
    /// Also log to standard error; without a file that is so anyway.
    #[arg(
        long,
        env = "WATERSPOUT_LOG_TO_STDERR",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true"
    )]
    pub log_to_stderr: Option<bool>,
    /// What makes the file make room for the next.
    #[arg(
        long,
        env = "WATERSPOUT_LOG_ROTATE_MODE",
        value_enum,
        default_value = "size"
    )]
    pub log_rotate_mode: RotateMode,
    /// Octets of a file, if its size counts.
    #[arg(
        long,
        env = "WATERSPOUT_LOG_FILE_MAX_SIZE",
        value_name = "OCTETS",
        default_value_t = 100_000_000,
        value_parser = octets
    )]
    pub log_file_max_size: u64,
    /// Time that a file covers, if the time counts; from midnight, UTC.
    #[arg(
        long,
        env = "WATERSPOUT_LOG_ROTATE_INTERVAL",
        value_name = "TIME",
        default_value = "1d",
        value_parser = duration
    )]
    pub log_rotate_interval: Duration,
    /// Files kept beside the newest.
    #[arg(
        long,
        env = "WATERSPOUT_LOG_FILE_NUM_BACKUPS",
        value_name = "N",
        default_value_t = 10,
        value_parser = count
    )]
    pub log_file_num_backups: usize,
}

impl LogOptions {
    /// Returns what these options say of the log.
    #[must_use]
    pub fn config(&self) -> LogConfig {
        let rotation = match self.log_rotate_mode {
            RotateMode::Size => LogRotation::Size(self.log_file_max_size),
            RotateMode::Time => LogRotation::Time(self.log_rotate_interval),
        };
        let mut config = LogConfig::default()
            .level(self.log_level)
            .filter(self.log_filter.clone().unwrap_or_default())
            .format(self.log_format)
            .rotation(rotation)
            .backups(self.log_file_num_backups);
        config.file.clone_from(&self.log_file);
        config.to_stderr = self.log_to_stderr;
        config
    }

    /// Sets up the log of the process.
    ///
    /// # Errors
    ///
    /// As [`LogConfig::init`].
    pub fn init(&self) -> Result {
        self.config().init()
    }
}
