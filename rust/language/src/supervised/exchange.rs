//! Where threads meet once an example, each leaving its parts of the products for all others.

use std::hint::spin_loop;
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

/// Looks at the others this often before the processor is given away: they may have none.
const SPINS: u32 = 2000;

/// Parts of products, one for each product and line of columns, and a barrier.
///
/// Two sets of places take turns: a thread that is ahead writes into the one that nobody reads any more.
#[derive(Debug)]
pub(super) struct Exchange {
    threads: usize,
    lines: usize,
    parts: [Vec<AtomicU32>; 2],
    arrived: AtomicUsize,
    round: AtomicU64,
    /// The first round after which all stop.
    last: AtomicU64,
}

impl Exchange {
    /// For up to `products` products of rows of `lines` lines.
    pub(super) fn new(threads: usize, products: usize, lines: usize) -> Self {
        let parts = || (0..products * lines).map(|_| AtomicU32::new(0)).collect();
        Self {
            threads,
            lines,
            parts: [parts(), parts()],
            arrived: AtomicUsize::new(0),
            round: AtomicU64::new(0),
            last: AtomicU64::new(u64::MAX),
        }
    }

    /// Leaves the part of a product that comes from a line of columns.
    #[inline]
    pub(super) fn leave(&self, round: u64, product: usize, line: usize, part: f32) {
        let place = &self.parts[side(round)][product * self.lines + line];
        place.store(part.to_bits(), Ordering::Relaxed);
    }

    /// A product: its parts, summed line by line.
    #[inline]
    pub(super) fn product(&self, round: u64, product: usize) -> f32 {
        let parts = &self.parts[side(round)][product * self.lines..][..self.lines];
        parts.iter().map(|part| f32::from_bits(part.load(Ordering::Relaxed))).sum()
    }

    /// Waits for all threads; false if they are to stop after this round.
    pub(super) fn meet(&self, round: u64) -> bool {
        if self.threads > 1 {
            self.wait(round);
        }
        round < self.last.load(Ordering::Relaxed)
    }

    /// Before meeting: all threads shall stop after this round.
    pub(super) fn stop_after(&self, round: u64) {
        self.last.store(round, Ordering::Relaxed);
    }

    fn wait(&self, round: u64) {
        if self.arrived.fetch_add(1, Ordering::AcqRel) + 1 == self.threads {
            self.arrived.store(0, Ordering::Relaxed);
            self.round.store(round + 1, Ordering::Release);
            return;
        }
        let mut spins = 0;
        while self.round.load(Ordering::Acquire) <= round {
            spins += 1;
            if spins < SPINS {
                spin_loop();
            } else {
                std::thread::yield_now();
            }
        }
    }
}

fn side(round: u64) -> usize {
    usize::from(!round.is_multiple_of(2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_threads_see_all_parts_in_every_round() {
        let exchange = Exchange::new(3, 2, 3);
        std::thread::scope(|scope| {
            for line in 0_u8..3 {
                let exchange = &exchange;
                scope.spawn(move || {
                    for round in 0_u16..2000 {
                        let part = f32::from(round) + f32::from(line);
                        exchange.leave(round.into(), 1, line.into(), part);
                        if line == 0 && round == 1500 {
                            exchange.stop_after(1500);
                        }
                        assert_eq!(exchange.meet(round.into()), round < 1500);
                        let product = exchange.product(round.into(), 1);
                        assert_eq!(product.to_bits(), (3.0 * f32::from(round) + 3.0).to_bits());
                        if round == 1500 {
                            return;
                        }
                    }
                });
            }
        });
    }
}
