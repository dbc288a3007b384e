//! What a thread does, as far as the system tells another one without stopping it.
//!
//! A backtrace would need a handler of a signal that walks the stack of the loop's thread, which is
//! unsafe code in the worst of places. Whether the thread computes or waits in the kernel, and for
//! what, halves the search and costs a read of a file.

use std::fs;

/// Describes what a thread of this process does at the moment, or `None` if the system does not tell.
pub(super) fn doing(thread: i32) -> Option<String> {
    let folder = format!("/proc/self/task/{thread}");
    if let Ok(text) = fs::read_to_string(format!("{folder}/syscall"))
        && let Some(doing) = by_system_call(&text)
    {
        return Some(doing);
    }
    // The state is the field behind the name, which is in brackets and may hold anything.
    let stat = fs::read_to_string(format!("{folder}/stat")).ok()?;
    let state = stat.rsplit_once(") ")?.1.chars().next()?;
    Some(by_state(state).to_owned())
}

fn by_system_call(text: &str) -> Option<String> {
    let first = text.split_whitespace().next()?;
    match first.parse::<i64>() {
        Ok(-1) => Some("it waits in the kernel, in no system call".to_owned()),
        Ok(number) => Some(format!("it waits in the kernel, in system call {number}")),
        Err(_) => (first == "running").then(|| "it computes".to_owned()),
    }
}

fn by_state(state: char) -> &'static str {
    match state {
        'R' => "it computes",
        'S' => "it waits in the kernel",
        'D' => "it waits in the kernel for a device",
        'T' | 't' => "it is stopped",
        _ => "its state is not known",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_that_computes_and_one_that_waits_are_told_apart() {
        assert_eq!(by_system_call("running\n").unwrap(), "it computes");
        let waits = by_system_call("202 0x7f01 0x80 0x0 0x0 0x0 0x0 0x7ffc 0x7f02\n").unwrap();
        assert_eq!(waits, "it waits in the kernel, in system call 202");
        assert_eq!(by_system_call(""), None);
        assert_eq!(by_state('D'), "it waits in the kernel for a device");
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_own_thread_is_found_and_one_that_is_gone_is_not() {
        assert!(doing(nix::unistd::gettid().as_raw()).is_some());
        assert_eq!(doing(i32::MAX), None);
    }
}
