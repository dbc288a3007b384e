//! Whole numbers in options, whose refusals say which numbers there are.

/// Reads a port.
pub(super) fn port(text: &str) -> Result<u16, String> {
    let port = text.parse();
    port.map_err(|_| format!("a port is a whole number from 0 to {}", u16::MAX))
}

/// Reads how many there are to be of something.
pub(super) fn count(text: &str) -> Result<usize, String> {
    let count = text.parse();
    count.map_err(|_| format!("it is a whole number from 0 to {}", usize::MAX))
}

/// Reads a number of octets.
pub(super) fn octets(text: &str) -> Result<u64, String> {
    let octets = text.parse();
    octets.map_err(|_| format!("it is a whole number of octets from 0 to {}", u64::MAX))
}
