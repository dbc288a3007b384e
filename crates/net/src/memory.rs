//! Giving memory back to the system after a peak.
//!
//! The allocator of glibc keeps what thousands of closed connections have freed, since something at
//! the top of its heap is always in use. One call returns every page that is free.

/// Returns free pages of the allocator to the system, where that has to be asked for.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(
    unsafe_code,
    reason = "no safe interface to the allocator's pages exists"
)]
pub(crate) fn trim() {
    // SAFETY: malloc_trim(3) takes no pointer and may be called at any time from any thread; it
    // only releases pages that the allocator itself holds free.
    unsafe {
        nix::libc::malloc_trim(0);
    }
}

/// Does nothing: other allocators return memory by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) fn trim() {}

/// Tells when a peak is over: three quarters of what was in use at its height are gone.
#[derive(Debug, Default)]
pub(crate) struct Peak {
    height: usize,
}

/// A peak below this many is not worth a trim, a millisecond or so of the loop's time.
const WORTH: usize = 1000;

impl Peak {
    /// Notes how many are in use now; true once after each peak.
    pub(crate) fn is_over(&mut self, now: usize) -> bool {
        self.height = self.height.max(now);
        let over = self.height >= WORTH && now <= self.height / 4;
        if over {
            self.height = now;
        }
        over
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_peak_is_over_once_when_three_quarters_are_gone() {
        let mut peak = Peak::default();
        let over: Vec<_> = [10, 4000, 1001, 1000, 900, 0, 3000, 0]
            .into_iter()
            .map(|now| peak.is_over(now))
            .collect();
        assert_eq!(over, [false, false, false, true, false, true, false, true]);
    }

    #[test]
    fn small_numbers_are_no_peak() {
        let mut peak = Peak::default();
        assert!(!peak.is_over(999) && !peak.is_over(0));
    }

    #[test]
    fn trimming_leaves_what_is_in_use_alone() {
        let kept: Vec<String> = (0..1000).map(|number| format!("{number:0100}")).collect();
        trim();
        assert!(
            kept.iter()
                .enumerate()
                .all(|(number, text)| text.ends_with(&number.to_string()))
        );
    }
}
