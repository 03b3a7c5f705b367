//! Sets of documents that are joined in pairs.

/// A forest over document indices; the least index of a set names it. 8 bytes a document.
#[derive(Debug)]
pub(crate) struct UnionFind {
    parent: Vec<u64>,
}

#[expect(clippy::cast_possible_truncation, reason = "an index of a document in memory fits usize")]
impl UnionFind {
    pub(crate) fn new(documents: u64) -> Self {
        Self { parent: (0..documents).collect() }
    }

    pub(crate) fn find(&mut self, mut document: u64) -> u64 {
        loop {
            let parent = self.parent[document as usize];
            if parent == document {
                return document;
            }
            let above = self.parent[parent as usize];
            self.parent[document as usize] = above; // halves the path
            document = above;
        }
    }

    pub(crate) fn union(&mut self, a: u64, b: u64) {
        let (a, b) = (self.find(a), self.find(b));
        self.parent[a.max(b) as usize] = a.min(b);
    }

    /// Each document of a set of two or more with the name of its set, by name and then by document.
    pub(crate) fn into_sets(mut self) -> Vec<(u64, u64)> {
        let documents = self.parent.len() as u64;
        let mut pairs = Vec::new();
        let mut named = vec![false; self.parent.len()];
        for document in 0..documents {
            let name = self.find(document);
            if name != document {
                pairs.push((name, document));
                if !std::mem::replace(&mut named[name as usize], true) {
                    pairs.push((name, name));
                }
            }
        }
        drop(self.parent);
        pairs.sort_unstable();
        pairs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_named_by_their_least_member() {
        let mut sets = UnionFind::new(7);
        sets.union(5, 3);
        sets.union(6, 5);
        sets.union(1, 2);
        sets.union(2, 1);
        assert_eq!(sets.into_sets(), [(1, 1), (1, 2), (3, 3), (3, 5), (3, 6)]);
    }
}
