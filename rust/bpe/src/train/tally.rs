//! What one merge changes on one side, added up per neighbour, so that each neighbour is looked up once.

/// Not to be kept.
const DROPPED: u32 = u32::MAX;

#[derive(Clone, Copy)]
struct Sum {
    amount: i64,
    positions: u32,
    /// Where the next position goes.
    next: u32,
}

const NOTHING: Sum = Sum { amount: 0, positions: 0, next: DROPPED };

/// Sums and positions by neighbour.
#[derive(Default)]
pub(crate) struct Tally {
    sums: Vec<Sum>,
    neighbours: Vec<u32>,
    found: Vec<(u32, u32)>,
}

impl Tally {
    /// Forgets the merge before; ids are below `tokens`.
    pub(crate) fn begin(&mut self, tokens: usize) {
        for &neighbour in &self.neighbours {
            self.sums[neighbour as usize] = NOTHING;
        }
        self.neighbours.clear();
        self.found.clear();
        if self.sums.len() < tokens {
            self.sums.resize(tokens * 2, NOTHING);
        }
    }

    /// Takes note of one neighbour.
    #[inline]
    pub(crate) fn add(&mut self, neighbour: u32, amount: i64, position: u32) {
        let sum = &mut self.sums[neighbour as usize];
        if sum.positions == 0 {
            self.neighbours.push(neighbour);
        }
        sum.positions += 1;
        sum.amount += amount;
        self.found.push((neighbour, position));
    }

    /// Neighbours and sums, in the order in which they were met.
    pub(crate) fn sums(&self) -> impl Iterator<Item = (u32, i64)> {
        self.neighbours.iter().map(|&neighbour| (neighbour, self.sums[neighbour as usize].amount))
    }

    /// Lets [`Tally::place`] put the positions of a neighbour from `start` on; tells how many they are.
    pub(crate) fn keep(&mut self, neighbour: u32, start: u32) -> u32 {
        match self.sums.get_mut(neighbour as usize) {
            Some(sum) if sum.positions > 0 => {
                sum.next = start;
                sum.positions
            }
            _ => 0,
        }
    }

    /// How often a neighbour was met.
    pub(crate) fn len(&self, neighbour: u32) -> u32 {
        self.sums.get(neighbour as usize).map_or(0, |sum| sum.positions)
    }

    /// Calls `put` with place and position of the neighbours that are kept, rising for each.
    #[inline]
    pub(crate) fn place(&mut self, mut put: impl FnMut(u32, u32)) {
        for &(neighbour, position) in &self.found {
            let sum = &mut self.sums[neighbour as usize];
            if sum.next != DROPPED {
                put(sum.next, position);
                sum.next += 1;
            }
        }
    }
}
