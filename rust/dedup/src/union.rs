//! The plain forest of the tests: sets of documents that are joined in pairs.

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
}
