//! Paths without captures, found by their hash.
//!
//! Only patterns of the program are in the table, so nobody can fill its buckets on purpose.

/// Paths and their entries, in buckets.
#[derive(Debug, Default)]
pub(super) struct Literals {
    /// As many as a power of two, at least twice as many as there are paths; none without a path.
    buckets: Vec<Vec<(Box<[u8]>, u32)>>,
    len: usize,
}

impl Literals {
    pub(super) fn insert(&mut self, path: &[u8], entry: u32) {
        self.len += 1;
        if self.len * 2 > self.buckets.len() {
            self.grow();
        }
        self.put(path.into(), entry);
    }

    #[inline]
    pub(super) fn find(&self, path: &[u8]) -> Option<u32> {
        let mask = self.buckets.len().checked_sub(1)?;
        let bucket = &self.buckets[hash(path) & mask];
        let mut paths = bucket.iter();
        Some(paths.find(|(known, _)| **known == *path)?.1)
    }

    fn put(&mut self, path: Box<[u8]>, entry: u32) {
        let mask = self.buckets.len() - 1;
        self.buckets[hash(&path) & mask].push((path, entry));
    }

    fn grow(&mut self) {
        let buckets = (self.len * 2).next_power_of_two();
        let old = std::mem::replace(&mut self.buckets, vec![Vec::new(); buckets]);
        for (path, entry) in old.into_iter().flatten() {
            self.put(path, entry);
        }
    }
}

/// Mixes eight bytes at a time.
#[inline]
fn hash(path: &[u8]) -> usize {
    const MIX: usize = 0x9e37_79b9_7f4a_7c15;
    let (words, rest) = path.as_chunks::<8>();
    let mut hash = path.len();
    for word in words {
        hash = (hash.rotate_left(5) ^ usize::from_le_bytes(*word)).wrapping_mul(MIX);
    }
    for &byte in rest {
        hash = (hash.rotate_left(5) ^ usize::from(byte)).wrapping_mul(MIX);
    }
    // A product carries upwards only: bring what is above down, and mix once more.
    (hash ^ hash >> 32).wrapping_mul(MIX) >> 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_is_found_and_no_other() {
        let mut literals = Literals::default();
        assert_eq!(literals.find(b"/"), None);
        for entry in 0..1000 {
            literals.insert(format!("/path/{entry}").as_bytes(), entry);
        }
        for entry in 0..1000 {
            let path = format!("/path/{entry}/");
            assert_eq!(literals.find(path.as_bytes()), None);
            let path = path.trim_end_matches('/');
            assert_eq!(literals.find(path.as_bytes()), Some(entry));
        }
        let longest = literals.buckets.iter().map(Vec::len).max();
        assert!(longest < Some(8), "{longest:?}");
    }
}
