//! A file of the log that makes room for the next.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use waterspout_net::task_id;

use super::LogRotation;

/// A file that lines are appended to. Rotation happens between two lines, never within one.
#[derive(Debug)]
pub(super) struct RotatingFile {
    path: PathBuf,
    rotation: LogRotation,
    backups: usize,
    open: Open,
}

#[derive(Debug)]
struct Open {
    file: File,
    size: u64,
    period: u64,
    /// The number of the process that opened it: what was opened before a fork is not shared.
    task: Option<usize>,
}

impl RotatingFile {
    pub(super) fn open(path: PathBuf, rotation: LogRotation, backups: usize) -> io::Result<Self> {
        let open = Open::new(&path, rotation)?;
        Ok(Self {
            path,
            rotation,
            backups,
            open,
        })
    }

    /// The name for this process: that of one that was not forked has no number.
    fn path(&self) -> PathBuf {
        match task_id() {
            Some(number) => of_process(&self.path, number),
            None => self.path.clone(),
        }
    }

    fn is_full(&self, more: usize) -> bool {
        match self.rotation {
            LogRotation::Size(limit) => {
                self.open.size > 0 && self.open.size.saturating_add(more as u64) > limit
            }
            LogRotation::Time(length) => period(SystemTime::now(), length) != self.open.period,
        }
    }

    /// Moves `FILE` to `FILE.1`, that to `FILE.2` and so on, and drops the oldest.
    fn rotate(&mut self) -> io::Result<()> {
        let path = self.path();
        if self.backups == 0 {
            fs::remove_file(&path)?;
        }
        for number in (0..self.backups).rev() {
            let from = if number == 0 {
                path.clone()
            } else {
                numbered(&path, number)
            };
            match fs::rename(&from, numbered(&path, number + 1)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        self.open = Open::new(&path, self.rotation)?;
        Ok(())
    }

    /// Gets ready for a line: opens the file of this process, or a new one.
    fn make_room(&mut self, octets: usize) -> io::Result<()> {
        if self.open.task != task_id() {
            self.open = Open::new(&self.path(), self.rotation)?;
        }
        if self.is_full(octets) {
            self.rotate()?;
        }
        Ok(())
    }
}

impl Write for RotatingFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Err(error) = self.make_room(line.len()) {
            // The file that is open takes the line; losing it would hide more than one that is too long.
            eprintln!(
                "waterspout: cannot rotate the log {}: {error}",
                self.path.display()
            );
        }
        self.open.file.write_all(line)?;
        self.open.size += line.len() as u64;
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open.file.flush()
    }
}

impl Open {
    fn new(path: &Path, rotation: LogRotation) -> io::Result<Self> {
        let opened = OpenOptions::new().create(true).append(true).open(path);
        let file = opened.map_err(|error| {
            let text = format!("cannot open the log file {}: {error}", path.display());
            io::Error::new(error.kind(), text)
        })?;
        let meta = file.metadata()?;
        let written = meta.modified().unwrap_or_else(|_| SystemTime::now());
        let period = match rotation {
            LogRotation::Time(length) => period(written, length),
            LogRotation::Size(_) => 0,
        };
        Ok(Self {
            file,
            size: meta.len(),
            period,
            task: task_id(),
        })
    }
}

/// The number of the period that a time lies in.
fn period(time: SystemTime, length: Duration) -> u64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs() / length.as_secs().max(1)
}

/// Returns `FILE.N`.
fn numbered(path: &Path, number: usize) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(format!(".{number}"));
    PathBuf::from(name)
}

/// Returns `NAME-N.EXT`, which no backup is called.
fn of_process(path: &Path, number: usize) -> PathBuf {
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(extension) = path.extension() {
        name.push(".");
        name.push(extension);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_processes_and_backups_differ() {
        assert_eq!(
            of_process(Path::new("/log/a.log"), 1),
            Path::new("/log/a-1.log")
        );
        assert_eq!(of_process(Path::new("a"), 0), Path::new("a-0"));
        assert_eq!(
            numbered(Path::new("/log/a.log"), 1),
            Path::new("/log/a.log.1")
        );
    }

    #[test]
    fn a_period_begins_at_its_grid() {
        let day = Duration::from_secs(86_400);
        let noon = UNIX_EPOCH + day * 3 + day / 2;
        assert_eq!(period(noon, day), 3);
        assert_eq!(period(noon + day / 2, day), 4);
        assert_eq!(period(noon, Duration::ZERO), 302_400);
    }
}
