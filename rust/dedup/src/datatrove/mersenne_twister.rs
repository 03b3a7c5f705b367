//! MT19937, seeded and read as numpy's legacy generator does, for the hash functions that `datatrove` draws from it.
//!
//! M. Matsumoto, T. Nishimura, "Mersenne Twister", ACM TOMACS 8 (1998); seeding as in their 2002 revision.

const SIZE: usize = 624;
const SHIFT: usize = 397;

/// A generator of 32-bit values.
pub(super) struct MersenneTwister {
    state: [u32; SIZE],
    next: usize,
}

impl MersenneTwister {
    /// The generator of `numpy.random.RandomState(seed)`.
    pub(super) fn new(seed: u32) -> Self {
        let mut state = [seed; SIZE];
        let mut number = 0;
        for i in 1..SIZE {
            number += 1;
            let last = state[i - 1];
            state[i] = (last ^ last >> 30).wrapping_mul(1_812_433_253).wrapping_add(number);
        }
        Self { state, next: SIZE }
    }

    fn twist(&mut self) {
        for i in 0..SIZE {
            let joined = self.state[i] & 1 << 31 | self.state[(i + 1) % SIZE] & !(1 << 31);
            let odd = if joined & 1 == 1 { 0x9908_B0DF } else { 0 };
            self.state[i] = self.state[(i + SHIFT) % SIZE] ^ joined >> 1 ^ odd;
        }
        self.next = 0;
    }

    fn next_u32(&mut self) -> u32 {
        if self.next == SIZE {
            self.twist();
        }
        let mut y = self.state[self.next];
        self.next += 1;
        y ^= y >> 11;
        y ^= y << 7 & 0x9D2C_5680;
        y ^= y << 15 & 0xEFC6_0000;
        y ^ y >> 18
    }

    /// `randint(low, high, dtype=uint64)`, high excluded and at least 2^32 above `low`: values of 64 bits, the high
    /// half drawn first, masked to the bits of the range and drawn again if still outside.
    pub(super) fn randint(&mut self, low: u64, high: u64) -> u64 {
        let most = high - 1 - low;
        let mask = u64::MAX >> most.leading_zeros();
        loop {
            let drawn = u64::from(self.next_u32()) << 32 | u64::from(self.next_u32());
            if drawn & mask <= most {
                return low + (drawn & mask);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The published check value of the algorithm: the 10,000th output for seed 5489.
    #[test]
    fn the_ten_thousandth_value_is_the_published_one() {
        let mut generator = MersenneTwister::new(5489);
        let last = (0..10_000).map(|_| generator.next_u32()).last();
        assert_eq!(last, Some(4_123_659_995));
    }

    /// `numpy.random.RandomState(seed).randint(1, 2**61 - 1, dtype=numpy.uint64, size=3)` of numpy 2.4.6.
    #[test]
    fn draws_are_those_of_numpy() {
        for (seed, expected) in NUMPY {
            let mut generator = MersenneTwister::new(seed);
            assert_eq!([0; 3].map(|_| generator.randint(1, (1 << 61) - 1)), expected);
        }
    }

    const NUMPY: [(u32, [u64; 3]); 3] = [
        (0, [900_450_186_894_289_456, 1_663_700_137_427_455_169, 1_895_649_597_198_586_620]),
        (1, [775_169_054_918_279_404, 1_758_426_461_858_698_313, 2_109_959_069_025_162]),
        (
            4_294_967_295,
            [1_800_993_050_274_709_795, 689_591_756_664_908_872, 720_074_238_920_031_809],
        ),
    ];
}
