//! Paths without captures, found by their length and octets: most requests end here.

/// From so many paths of the same length on, halving finds one sooner than looking at each.
const LONG: usize = 16;

/// Paths and their entries, by their length, sorted.
#[derive(Debug, Default)]
pub(super) struct Literals {
    by_length: Vec<Vec<(Box<[u8]>, u32)>>,
}

impl Literals {
    pub(super) fn insert(&mut self, path: &[u8], entry: u32) {
        if self.by_length.len() <= path.len() {
            self.by_length.resize_with(path.len() + 1, Vec::new);
        }
        let same_length = &mut self.by_length[path.len()];
        let at = same_length.partition_point(|(known, _)| **known < *path);
        same_length.insert(at, (path.into(), entry));
    }

    #[inline]
    pub(super) fn find(&self, path: &[u8]) -> Option<u32> {
        let same_length = self.by_length.get(path.len())?;
        if same_length.len() > LONG {
            let at = same_length.binary_search_by(|(known, _)| (**known).cmp(path));
            return Some(same_length[at.ok()?].1);
        }
        // The last octets tell most of them apart at a glance.
        let mut paths = same_length.iter();
        let found = paths.find(|(known, _)| known.last() == path.last() && **known == *path);
        Some(found?.1)
    }
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
    }
}
