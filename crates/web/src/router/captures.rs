use std::ops::Range;

/// How many captures need no allocation.
const INLINE: usize = 3;

/// Stands for a group of a regular expression that took no part in the match.
const ABSENT: (u32, u32) = (u32::MAX, u32::MAX);

/// What a pattern captured: ranges of the raw path, in the order of the pattern.
#[derive(Debug, Clone)]
pub(crate) enum Captures {
    Inline(u8, [(u32, u32); INLINE]),
    Spilled(Vec<(u32, u32)>),
}

impl Captures {
    pub(crate) const NONE: Self = Self::Inline(0, [ABSENT; INLINE]);

    /// Adds a range of the path; `None` is a group without a match.
    #[inline]
    pub(crate) fn push(&mut self, range: Option<Range<usize>>) {
        let range = range.and_then(compact).unwrap_or(ABSENT);
        match self {
            Self::Spilled(ranges) => ranges.push(range),
            Self::Inline(len, ranges) => match ranges.get_mut(usize::from(*len)) {
                Some(slot) => {
                    *slot = range;
                    *len += 1;
                }
                None => {
                    let mut spilled = ranges.to_vec();
                    spilled.push(range);
                    *self = Self::Spilled(spilled);
                }
            },
        }
    }

    /// Returns the range of the capture at a position of the pattern.
    pub(crate) fn range(&self, position: usize) -> Option<Range<usize>> {
        let ranges = match self {
            Self::Inline(len, ranges) => ranges.get(..usize::from(*len))?,
            Self::Spilled(ranges) => ranges,
        };
        let range = *ranges.get(position)?;
        (range != ABSENT).then_some(range.0 as usize..range.1 as usize)
    }
}

fn compact(range: Range<usize>) -> Option<(u32, u32)> {
    Some((
        u32::try_from(range.start).ok()?,
        u32::try_from(range.end).ok()?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_captures_than_fit_spill_and_keep_their_order() {
        let mut captures = Captures::NONE;
        for start in 0..5 {
            captures.push((start != 2).then_some(start..start + 1));
        }
        assert_eq!(captures.range(0), Some(0..1));
        assert_eq!(captures.range(2), None);
        assert_eq!(captures.range(4), Some(4..5));
        assert_eq!(captures.range(5), None);
    }
}
