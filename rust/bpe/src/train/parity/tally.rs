//! What one merge changes on one side, added up per neighbour, so that each neighbour is looked up once.

/// Sums and positions by neighbour.
#[derive(Default)]
pub(super) struct Tally {
    sums: Vec<i64>,
    counts: Vec<u32>,
    neighbours: Vec<u32>,
    found: Vec<(u32, u32)>,
    grouped: Vec<u32>,
    starts: Vec<u32>,
}

impl Tally {
    /// Forgets the merge before; ids are below `tokens`.
    pub(super) fn begin(&mut self, tokens: usize) {
        for &neighbour in &self.neighbours {
            self.sums[neighbour as usize] = 0;
            self.counts[neighbour as usize] = 0;
        }
        self.neighbours.clear();
        self.found.clear();
        if self.sums.len() < tokens {
            self.sums.resize(tokens * 2, 0);
            self.counts.resize(tokens * 2, 0);
            self.starts.resize(tokens * 2, 0);
        }
    }

    /// Takes note of one neighbour.
    #[inline]
    pub(super) fn add(&mut self, neighbour: u32, weight: i64, position: u32) {
        let n = neighbour as usize;
        if self.counts[n] == 0 {
            self.neighbours.push(neighbour);
        }
        self.counts[n] += 1;
        self.sums[n] += weight;
        self.found.push((neighbour, position));
    }

    /// Neighbours and sums, in the order in which they were met.
    pub(super) fn sums(&self) -> impl Iterator<Item = (u32, i64)> {
        self.neighbours.iter().map(|&neighbour| (neighbour, self.sums[neighbour as usize]))
    }

    /// Sorts the positions by neighbour.
    pub(super) fn group(&mut self) {
        let mut start = 0;
        for &neighbour in &self.neighbours {
            self.starts[neighbour as usize] = start;
            start += self.counts[neighbour as usize];
        }
        self.grouped.clear();
        self.grouped.resize(self.found.len(), 0);
        for &(neighbour, position) in &self.found {
            let slot = &mut self.starts[neighbour as usize];
            self.grouped[*slot as usize] = position;
            *slot += 1;
        }
    }

    /// The positions of a neighbour, after grouping.
    pub(super) fn positions(&self, neighbour: u32) -> &[u32] {
        let end = self.starts[neighbour as usize] as usize;
        &self.grouped[end - self.counts[neighbour as usize] as usize..end]
    }
}
