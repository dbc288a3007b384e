//! What this process holds.

use std::fs;

/// Returns the bytes of memory that belong to this process alone and to no file.
pub(crate) fn anonymous() -> f64 {
    let rollup = fs::read_to_string("/proc/self/smaps_rollup").expect("Linux");
    let sizes = rollup.lines().filter_map(|line| {
        let text = line
            .strip_prefix("Anonymous:")?
            .trim()
            .strip_suffix(" kB")?;
        text.parse::<f64>().ok()
    });
    sizes.sum::<f64>() * 1024.0
}
