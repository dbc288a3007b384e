//! A bar of progress on the terminal.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

/// How long a download takes before it is worth a bar.
const PATIENCE: Duration = Duration::from_millis(500);
const WIDTH: usize = 40;

/// A bar on standard error, if that is a terminal.
pub(crate) struct Bar {
    whole: Option<u64>,
    pub(crate) done: u64,
    began: Instant,
    drawn: Option<Instant>,
    shown: bool,
}

impl Bar {
    pub(crate) fn new(whole: Option<u64>) -> Self {
        Self {
            whole,
            done: 0,
            began: Instant::now(),
            drawn: None,
            shown: io::stderr().is_terminal(),
        }
    }

    pub(crate) fn add(&mut self, octets: u64) {
        self.done += octets;
        let last = self.drawn.unwrap_or(self.began);
        let pause = self.drawn.map_or(PATIENCE, |_| Duration::from_millis(100));
        if self.shown && last.elapsed() >= pause {
            self.drawn = Some(Instant::now());
            eprint!("\r{}", self.line());
        }
    }

    pub(crate) fn finish(&self) {
        if self.drawn.is_some() {
            eprintln!("\r{}", self.line());
        }
    }

    fn line(&self) -> String {
        let mib = |octets: u64| octets as f64 / f64::from(1 << 20);
        let speed = mib(self.done) / self.began.elapsed().as_secs_f64().max(0.001);
        let Some(whole) = self.whole.filter(|whole| *whole > 0) else {
            return format!("{:.1} MiB, {speed:.1} MiB/s ", mib(self.done));
        };
        let share = self.done as f64 / whole as f64;
        let full = (0..WIDTH).filter(|place| (*place as f64) < share * WIDTH as f64);
        let full = full.count();
        let left = mib(whole - self.done.min(whole)) / speed.max(0.001);
        format!(
            "[{}{}] {:3.0} % of {:.1} MiB, {speed:.1} MiB/s, {left:.0} s left ",
            "#".repeat(full),
            ".".repeat(WIDTH.saturating_sub(full)),
            share * 100.0,
            mib(whole)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_says_how_far_it_is() {
        let mut bar = Bar::new(Some(4 << 20));
        bar.done = 1 << 20;
        let line = bar.line();
        assert!(
            line.starts_with("[##########...") && line.contains("25 % of 4.0 MiB"),
            "{line}"
        );
    }
}
