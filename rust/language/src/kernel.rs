//! The loops over whole windows of characters, compiled for the vectors that the processor has.

use crate::buckets::Modulo;
use crate::dictionary::FNV_PRIME;
use crate::window::{BUCKET, INSIDE, NO_ROW};

/// What `gather` found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gathered {
    pub(crate) rows: usize,
    pub(crate) words: usize,
}

/// Defines functions that call a copy of their namesake in `plain` that was compiled for the best vectors at hand.
macro_rules! dispatch {
    ($($(#[$meta:meta])* fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $result:ty)?;)*) => {
        $($(#[$meta])*
        pub(crate) fn $name($($argument: $type),*) $(-> $result)? {
            #[cfg(target_arch = "x86_64")]
            if wide::available() {
                #[expect(unsafe_code, reason = "a copy of the same safe code for wider vectors")]
                // SAFETY: the processor has what the copy was compiled for.
                return unsafe { wide::$name($($argument),*) };
            }
            plain::$name($($argument),*)
        })*

        #[cfg(target_arch = "x86_64")]
        mod wide {
            use super::{Gathered, Modulo, plain};

            pub(super) fn available() -> bool {
                std::arch::is_x86_feature_detected!("avx2")
                    && std::arch::is_x86_feature_detected!("bmi2")
                    && std::arch::is_x86_feature_detected!("popcnt")
            }

            $(#[target_feature(enable = "avx2,bmi2,popcnt")]
            pub(super) fn $name($($argument: $type),*) $(-> $result)? {
                plain::$name($($argument),*)
            })*
        }
    };
}

dispatch! {
    /// Extends the hash of the n-gram at each position by one character; `codes[i]` is the character that position `i`
    /// comes to: its UTF-8 bytes, packed from the low end. No code here has more than `bytes` of them.
    fn extend(hashes: &mut [u32], codes: &[u32], bytes: usize);

    /// The bucket of each hash; the number of buckets where fewer than `n` characters are left of the word.
    fn reduce(buckets: &mut [u32], hashes: &[u32], rest: &[u32], n: u32, modulo: Modulo);

    /// Writes the rows of words and, marked as such, the buckets that have a bit, by position, then by length.
    ///
    /// `words` has an element for each position, `buckets` one for each length and position, and `rows` has room for
    /// all of them. `starts` gets where the rows of each word begin.
    fn gather_bits(
        words: &[u32],
        buckets: &[u32],
        bits: &[u64],
        rows: &mut [u32],
        starts: &mut [usize],
    ) -> Gathered;

    /// Puts rows for the marked buckets: `first`, and how many bits are set below theirs.
    fn rank(rows: &mut [u32], bits: &[u64], before: &[u32], first: u32);
}

/// `gather_bits` with another test for which buckets have rows.
pub(crate) fn gather(
    words: &[u32],
    buckets: &[u32],
    has_row: impl Fn(u32) -> bool,
    rows: &mut [u32],
    starts: &mut [usize],
) -> Gathered {
    plain::gather(words, buckets, has_row, rows, starts)
}

#[expect(clippy::inline_always, reason = "compiled once for each set of vectors")]
mod plain {
    use super::{BUCKET, FNV_PRIME, Gathered, INSIDE, Modulo, NO_ROW};

    #[inline(always)]
    pub(super) fn extend(hashes: &mut [u32], codes: &[u32], bytes: usize) {
        match bytes {
            0 | 1 => extend_by::<1>(hashes, codes),
            2 => extend_by::<2>(hashes, codes),
            3 => extend_by::<3>(hashes, codes),
            _ => extend_by::<4>(hashes, codes),
        }
    }

    #[inline(always)]
    fn extend_by<const BYTES: u32>(hashes: &mut [u32], codes: &[u32]) {
        for (hash, &code) in hashes.iter_mut().zip(codes) {
            let mut h = *hash;
            for i in 0..BYTES {
                // The byte as a signed number; see `dictionary::fnv`.
                let byte = ((code << (24 - 8 * i)).cast_signed() >> 24).cast_unsigned();
                let next = (h ^ byte).wrapping_mul(FNV_PRIME);
                // Only the first byte of a character may be 0, and that one always counts.
                h = if i == 0 || code >> (8 * i) != 0 { next } else { h };
            }
            *hash = h;
        }
    }

    #[inline(always)]
    pub(super) fn reduce(
        buckets: &mut [u32],
        hashes: &[u32],
        rest: &[u32],
        n: u32,
        modulo: Modulo,
    ) {
        for ((bucket, &hash), &rest) in buckets.iter_mut().zip(hashes).zip(rest) {
            let reduced = modulo.of(hash);
            *bucket = if n <= rest { reduced } else { modulo.divisor() };
        }
    }

    #[inline(always)]
    pub(super) fn gather_bits(
        words: &[u32],
        buckets: &[u32],
        bits: &[u64],
        rows: &mut [u32],
        starts: &mut [usize],
    ) -> Gathered {
        let has_row = |bucket: u32| bits[bucket as usize / 64] >> (bucket % 64) & 1 == 1;
        gather(words, buckets, has_row, rows, starts)
    }

    #[inline(always)]
    pub(super) fn gather(
        words: &[u32],
        buckets: &[u32],
        has_row: impl Fn(u32) -> bool,
        rows: &mut [u32],
        starts: &mut [usize],
    ) -> Gathered {
        match buckets.len() / words.len().max(1) {
            0 => gather_lengths::<0>(words, buckets, has_row, rows, starts),
            1 => gather_lengths::<1>(words, buckets, has_row, rows, starts),
            2 => gather_lengths::<2>(words, buckets, has_row, rows, starts),
            3 => gather_lengths::<3>(words, buckets, has_row, rows, starts),
            4 => gather_lengths::<4>(words, buckets, has_row, rows, starts),
            _ => gather_any(words, buckets, has_row, rows, starts),
        }
    }

    /// `gather_any` for a number of lengths that the compiler knows.
    #[inline(always)]
    fn gather_lengths<const LENGTHS: usize>(
        words: &[u32],
        buckets: &[u32],
        has_row: impl Fn(u32) -> bool,
        rows: &mut [u32],
        starts: &mut [usize],
    ) -> Gathered {
        let parts: [&[u32]; LENGTHS] =
            std::array::from_fn(|i| &buckets[i * words.len()..(i + 1) * words.len()]);
        let mut found = Gathered::default();
        for (position, &word) in words.iter().enumerate() {
            take_word(word, rows, starts, &mut found);
            for part in parts {
                take_bucket(part[position], &has_row, rows, &mut found);
            }
        }
        found
    }

    #[inline(always)]
    fn gather_any(
        words: &[u32],
        buckets: &[u32],
        has_row: impl Fn(u32) -> bool,
        rows: &mut [u32],
        starts: &mut [usize],
    ) -> Gathered {
        let mut found = Gathered::default();
        for (position, &word) in words.iter().enumerate() {
            take_word(word, rows, starts, &mut found);
            for &bucket in buckets[position..].iter().step_by(words.len()) {
                take_bucket(bucket, &has_row, rows, &mut found);
            }
        }
        found
    }

    /// Always writes, and counts what is wanted.
    #[inline(always)]
    fn take_word(word: u32, rows: &mut [u32], starts: &mut [usize], found: &mut Gathered) {
        starts[found.words] = found.rows;
        found.words += usize::from(word != INSIDE);
        rows[found.rows] = word;
        found.rows += usize::from(word < NO_ROW);
    }

    #[inline(always)]
    fn take_bucket(
        bucket: u32,
        has_row: &impl Fn(u32) -> bool,
        rows: &mut [u32],
        found: &mut Gathered,
    ) {
        rows[found.rows] = bucket | BUCKET;
        found.rows += usize::from(has_row(bucket));
    }

    #[inline(always)]
    pub(super) fn rank(rows: &mut [u32], bits: &[u64], before: &[u32], first: u32) {
        let Some(last) = bits.len().checked_sub(1) else { return };
        for row in rows {
            let bucket = *row & !BUCKET;
            let at = (bucket as usize / 64).min(last);
            let below = bits[at] & ((1 << (bucket % 64)) - 1);
            let ranked = first.wrapping_add(before[at]).wrapping_add(below.count_ones());
            *row = if *row & BUCKET == 0 { *row } else { ranked };
        }
    }
}
