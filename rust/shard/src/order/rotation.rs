//! How the samples of a block are spread: a rotation by the golden section, counted in closed form.
//!
//! Sample `i` of a block of `n` stands at place `(i × step + offset) mod n`. A pool owns an interval of places. A step
//! near the golden section of `n`, with small partial quotients of `step / n`, spreads the samples that fall into any
//! interval evenly (Kuipers and Niederreiter, *Uniform Distribution of Sequences*, chapter 2, theorem 3.4), so each
//! batch has nearly the mixture of the stage.

/// Of 2³² parts, the golden section.
const GOLDEN: u128 = 2_654_435_769;

/// Steps so far from the golden section are looked at.
const REACH: u64 = 32;

/// The rotation of a block.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rotation {
    n: u64,
    step: u64,
    offset: u64,
}

impl Rotation {
    /// The rotation of `n` places, fewer than 2³² and more than none, that begins at `offset mod n`.
    pub(crate) fn new(n: u64, offset: u64) -> Self {
        Self { n, step: step(n), offset: offset % n }
    }

    /// The same rotation from another beginning.
    pub(crate) fn at(self, offset: u64) -> Self {
        Self { offset: offset % self.n, ..self }
    }

    /// The place of sample `i`, which is below `n`.
    pub(crate) fn place(&self, i: u64) -> u64 {
        (i * self.step + self.offset) % self.n
    }

    /// How many of the first `i` samples stand at places from `low` to below `high`.
    pub(crate) fn count(&self, i: u64, low: u64, high: u64) -> u64 {
        // A place is below x if ⌊(y + n) / n⌋ − ⌊(y + n − x) / n⌋ is 1, where y = i × step + offset.
        let below = |x: u64| floor_sum(i, self.n, self.step, self.offset + self.n - x);
        below(low) - below(high)
    }
}

/// The step of `n` places: near the golden section, with the smallest sum of partial quotients.
fn step(n: u64) -> u64 {
    let golden = u64::try_from((u128::from(n) * GOLDEN) >> 32).unwrap_or(n);
    let steps = golden.saturating_sub(REACH).max(1)..=golden + REACH;
    steps
        .filter_map(|step| Some((quotients(step, n)?, step.abs_diff(golden), step)))
        .min()
        .map_or(1, |(_, _, step)| step)
}

/// The sum of ⌊(step × j + start) / n⌋ over j from 0 to below `count`: Euclid's algorithm on the triangle of lattice
/// points (as in Graham, Knuth, Patashnik, *Concrete Mathematics*, §3.5). Below 2⁶⁴ for what a block needs.
fn floor_sum(mut count: u64, mut n: u64, mut step: u64, mut start: u64) -> u64 {
    let mut sum = 0;
    while count > 0 {
        sum += (step / n) * (count * (count - 1) / 2) + (start / n) * count;
        (step, start) = (step % n, start % n);
        let top = step * count + start;
        (count, start) = (top / n, top % n);
        (n, step) = (step, n);
    }
    sum
}

/// The sum of the partial quotients of `step / n`; none if the two have a common divisor.
fn quotients(step: u64, n: u64) -> Option<u64> {
    let (mut low, mut high, mut sum) = (step, n, 0);
    while low > 0 {
        sum += high / low;
        (low, high) = (high % low, low);
    }
    (high == 1).then_some(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_place_is_taken_once() {
        for n in (1..200).chain([4095, 4096]) {
            let rotation = Rotation::new(n, 12_345);
            let mut places: Vec<u64> = (0..n).map(|i| rotation.place(i)).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..n));
        }
    }

    /// The worst interval of a whole block, at its worst moment, is off by less than four samples.
    #[test]
    fn intervals_get_their_share_of_every_prefix() {
        let (n, mut worst) = (4096_u64, 0_u64);
        let rotation = Rotation::new(n, 0);
        for width in [1, 5, 41, 410, 1516, 2048, 4000] {
            for low in (0..n - width).step_by(37) {
                let mut found = 0;
                for i in 0..n {
                    found += u64::from((low..low + width).contains(&rotation.place(i)));
                    worst = worst.max((found * n).abs_diff((i + 1) * width));
                }
            }
        }
        assert!(worst < 4 * n, "off by {worst} / {n}");
    }

    proptest! {
        #[test]
        fn counting_is_going_through(n in 1_u64..5000, offset: u64, a: u64, b: u64, i: u64) {
            let rotation = Rotation::new(n, offset);
            let (i, a, b) = (i % (n + 1), a % (n + 1), b % (n + 1));
            let (low, high) = (a.min(b), a.max(b));
            let slow = (0..i).filter(|&j| (low..high).contains(&rotation.place(j))).count();
            prop_assert_eq!(rotation.count(i, low, high), slow as u64);
        }
    }
}
