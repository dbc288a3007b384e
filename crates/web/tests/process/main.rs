//! Servers that run by themselves: workers, processes, signals.
//!
//! This file has a `main` of its own, since the threads of the usual test harness forbid to fork.
//! Each check starts this very program again as one of `programs`, which the environment names.

#![expect(clippy::unwrap_used, reason = "what fails here fails its check")]

mod checks;
mod programs;
mod reloading;
mod started;

use std::env;
use std::panic::catch_unwind;
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Ok(program) = env::var(started::PROGRAM) {
        return programs::run(&program);
    }
    let arguments: Vec<String> = env::args().skip(1).collect();
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    let chosen = checks::ALL
        .iter()
        .filter(|(name, _)| filter.is_none_or(|filter| name.contains(filter)));
    if arguments.iter().any(|argument| argument == "--list") {
        chosen.for_each(|(name, _)| println!("{name}: test"));
        return ExitCode::SUCCESS;
    }
    let mut failed = 0;
    for (name, check) in chosen {
        let passed = catch_unwind(check).is_ok();
        failed += usize::from(!passed);
        println!("test {name} ... {}", if passed { "ok" } else { "FAILED" });
    }
    if failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
