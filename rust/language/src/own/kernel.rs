//! The loops over features, rows and labels, as copies compiled for the registers that a processor has.

use super::head::Head;
use super::loops::{self, Found};
use super::rows::{Rows, WIDTH};
use super::run::Run;
use super::sum::Part;

/// Which copy runs; all give the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Kernel(Level);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    Plain,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Kernel {
    /// The copies that this processor can run, the best one last.
    pub(crate) fn all() -> Vec<Self> {
        let mut all = vec![Self(Level::Plain)];
        #[cfg(target_arch = "x86_64")]
        {
            let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("bmi2");
            let has_avx512 = is_x86_feature_detected!("avx512f")
                && is_x86_feature_detected!("avx512bw")
                && is_x86_feature_detected!("avx512vl");
            all.extend(has_avx2.then_some(Self(Level::Avx2)));
            all.extend((has_avx2 && has_avx512).then_some(Self(Level::Avx512)));
        }
        all
    }

    /// The best copy for this processor.
    pub(crate) fn best() -> Self {
        Self::all().pop().unwrap_or(Self(Level::Plain))
    }

    /// Appends the hashes of the features of a run; there must be room.
    #[inline]
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "copies of the same code for wider registers")
    )]
    pub(crate) fn hash(self, run: &Run, found: &mut Found) {
        match self.0 {
            Level::Plain => loops::hash(run, found),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: `all` makes a level only where the processor has what its copy is compiled for.
            Level::Avx2 => unsafe { x86::hash_avx2(run, found) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx512 => unsafe { x86::hash_avx512(run, found) },
        }
    }

    /// The sum of the rows of the features that were found; forgets them.
    #[inline]
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "copies of the same code for wider registers")
    )]
    pub(crate) fn sum(self, found: &mut Found, rows: &Rows) -> Part {
        match self.0 {
            Level::Plain => loops::add_up::<loops::Marks>(found, rows),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx2 => unsafe { x86::sum_avx2(found, rows) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx512 => unsafe { x86::sum_avx512(found, rows) },
        }
    }

    /// The value of each label for a sum of `rows` rows.
    #[inline]
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "copies of the same code for wider registers")
    )]
    pub(crate) fn values(self, head: &Head, sum: &[i64; WIDTH], rows: u64, out: &mut Vec<f32>) {
        match self.0 {
            Level::Plain => loops::values(head, sum, rows, out),
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx2 => unsafe { x86::values_avx2(head, sum, rows, out) },
            #[cfg(target_arch = "x86_64")]
            // SAFETY: as above.
            Level::Avx512 => unsafe { x86::values_avx512(head, sum, rows, out) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        _mm256_cmpeq_epi16, _mm256_load_si256, _mm256_movemask_epi8, _mm256_packs_epi16,
        _mm256_permute4x64_epi64, _mm256_set1_epi16, _mm512_cmpeq_epi16_mask, _mm512_load_si512,
        _mm512_set1_epi16,
    };

    use super::super::lines::Line;
    use super::super::loops::Matches;
    use super::{Found, Head, Part, Rows, Run, WIDTH, loops};

    macro_rules! copies {
        ($features:literal, $marks:ty, $hash:ident, $sum:ident, $values:ident) => {
            #[target_feature(enable = $features)]
            pub(super) fn $hash(run: &Run, found: &mut Found) {
                loops::hash(run, found);
            }

            #[target_feature(enable = $features)]
            pub(super) fn $sum(found: &mut Found, rows: &Rows) -> Part {
                loops::add_up::<$marks>(found, rows)
            }

            #[target_feature(enable = $features)]
            pub(super) fn $values(head: &Head, sum: &[i64; WIDTH], rows: u64, out: &mut Vec<f32>) {
                loops::values(head, sum, rows, out);
            }
        };
    }

    copies!("avx2,bmi2", Avx2, hash_avx2, sum_avx2, values_avx2);
    copies!("avx512f,avx512bw,avx512vl,avx2,bmi2", Avx512, hash_avx512, sum_avx512, values_avx512);

    struct Avx2;
    struct Avx512;

    #[expect(clippy::inline_always, reason = "compiled into the copies")]
    #[expect(unsafe_code, reason = "wide registers")]
    impl Matches for Avx2 {
        #[inline(always)]
        fn matches(line: &Line, mark: u16) -> u32 {
            // SAFETY: only copies that are compiled for it use this.
            unsafe { matches_avx2(line, mark) }
        }
    }

    #[expect(clippy::inline_always, reason = "compiled into the copies")]
    #[expect(unsafe_code, reason = "wide registers")]
    impl Matches for Avx512 {
        #[inline(always)]
        fn matches(line: &Line, mark: u16) -> u32 {
            // SAFETY: only copies that are compiled for it use this.
            unsafe { matches_avx512(line, mark) }
        }
    }

    #[target_feature(enable = "avx2")]
    #[inline]
    #[expect(unsafe_code, reason = "wide registers")]
    fn matches_avx2(line: &Line, mark: u16) -> u32 {
        let halves: *const std::arch::x86_64::__m256i = std::ptr::from_ref(line).cast();
        // SAFETY: a line has 64 bytes and stands at a multiple of 64.
        let (low, high) = unsafe { (_mm256_load_si256(halves), _mm256_load_si256(halves.add(1))) };
        let mark = _mm256_set1_epi16(mark.cast_signed());
        let both =
            _mm256_packs_epi16(_mm256_cmpeq_epi16(low, mark), _mm256_cmpeq_epi16(high, mark));
        // Halves of halves stand crosswise.
        _mm256_movemask_epi8(_mm256_permute4x64_epi64::<0b11_01_10_00>(both)).cast_unsigned()
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    #[inline]
    #[expect(unsafe_code, reason = "wide registers")]
    fn matches_avx512(line: &Line, mark: u16) -> u32 {
        // SAFETY: a line has 64 bytes and stands at a multiple of 64.
        let line = unsafe { _mm512_load_si512(std::ptr::from_ref(line).cast()) };
        _mm512_cmpeq_epi16_mask(line, _mm512_set1_epi16(mark.cast_signed()))
    }
}
