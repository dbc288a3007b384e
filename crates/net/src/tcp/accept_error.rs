//! What an error of `accept` says about the next attempt.

use std::io;

use nix::errno::Errno;

/// What to do after a failed `accept`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AfterError {
    /// The error belongs to one connection, which is gone: take the next.
    TakeNext,
    /// The process or the machine lacks something: trying at once would only spin.
    BackOff,
}

/// Classifies an error of `accept`. Linux reports errors of the new connection there as well.
pub(super) fn after(error: &io::Error) -> AfterError {
    match error.raw_os_error().map(Errno::from_raw) {
        Some(
            Errno::ECONNABORTED
            | Errno::ECONNRESET
            | Errno::EINTR
            | Errno::EPERM
            | Errno::EPROTO
            | Errno::ENETDOWN
            | Errno::ENETUNREACH
            | Errno::EHOSTDOWN
            | Errno::EHOSTUNREACH
            | Errno::ENOPROTOOPT
            | Errno::EOPNOTSUPP,
        ) => AfterError::TakeNext,
        _ => AfterError::BackOff,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_aborted_connection_is_skipped_and_a_full_table_waits() {
        let after = |errno: Errno| after(&io::Error::from(errno));
        assert_eq!(after(Errno::ECONNABORTED), AfterError::TakeNext);
        for lacking in [Errno::EMFILE, Errno::ENFILE, Errno::ENOBUFS, Errno::ENOMEM] {
            assert_eq!(after(lacking), AfterError::BackOff);
        }
        assert_eq!(after(Errno::EBADF), AfterError::BackOff);
    }
}
