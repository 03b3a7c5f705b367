//! The inner loop of signatures: the least value of many hash functions over many shingles.

/// Hash functions that are worked on together: the 32-bit lanes of the widest vector.
pub(crate) const LANES: usize = 16;

type Group = [u32; LANES];

/// The instructions that the loop is made of. All give equal results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kernel {
    /// What every processor has.
    Portable,
    /// Vectors of 8 lanes.
    #[cfg(target_arch = "x86_64")]
    Avx2,
    /// Vectors of 16 lanes: 112 functions stay in 7 registers.
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Kernel {
    /// The most groups of a call.
    pub(crate) const GROUPS: usize = 8;

    /// The widest that this processor has.
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx512f") {
                return Self::Avx512;
            }
            if is_x86_feature_detected!("avx2") {
                return Self::Avx2;
            }
        }
        Self::Portable
    }

    /// Lowers each value of `least` to the least of `a · x + b` over the low halves `x` of the shingles.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(unsafe_code, reason = "calls code for the processor that was detected")
    )]
    pub(crate) fn minima(self, shingles: &[u64], a: &[Group], b: &[Group], least: &mut [Group]) {
        match self {
            Self::Portable => portable(shingles, a, b, least),
            // SAFETY: `detect` has found these instructions on this processor.
            #[cfg(target_arch = "x86_64")]
            Self::Avx2 => unsafe { x86::avx2(shingles, a, b, least) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Self::Avx512 => unsafe { x86::avx512(shingles, a, b, least) },
        }
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is wanted")]
fn low_half(shingle: u64) -> u32 {
    shingle as u32
}

fn portable(shingles: &[u64], a: &[Group], b: &[Group], least: &mut [Group]) {
    for ((least, a), b) in least.iter_mut().zip(a).zip(b) {
        for &shingle in shingles {
            let x = low_half(shingle);
            for lane in 0..LANES {
                least[lane] = least[lane].min(a[lane].wrapping_mul(x).wrapping_add(b[lane]));
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use std::arch::x86_64::{
        __m256i, __m512i, _mm256_add_epi32, _mm256_min_epu32, _mm256_mullo_epi32,
        _mm256_set1_epi32, _mm512_add_epi32, _mm512_min_epu32, _mm512_mullo_epi32,
        _mm512_set1_epi32,
    };

    use super::{Group, low_half};

    macro_rules! by_registers {
        ($kernel:ident, $shingles:expr, $a:expr, $b:expr, $least:expr, $($count:literal)*) => {
            match $least.len() {
                $($count => $kernel::<$count>($shingles, $a, $b, $least),)*
                _ => super::portable($shingles, $a, $b, $least),
            }
        };
    }

    #[target_feature(enable = "avx512f")]
    pub(super) fn avx512(shingles: &[u64], a: &[Group], b: &[Group], least: &mut [Group]) {
        by_registers!(avx512_registers, shingles, a, b, least, 1 2 3 4 5 6 7 8);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn avx2(shingles: &[u64], a: &[Group], b: &[Group], least: &mut [Group]) {
        // Few registers: the shingles are gone through once a group, from the cache.
        for ((least, a), b) in least.iter_mut().zip(a).zip(b) {
            avx2_group(shingles, a, b, least);
        }
    }

    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "vectors are loaded from and stored to arrays")]
    fn avx512_registers<const N: usize>(
        shingles: &[u64],
        a: &[Group],
        b: &[Group],
        least: &mut [Group],
    ) {
        // SAFETY: a group and a vector are 64 bytes of plain integers each.
        let load = |group: &Group| unsafe { std::mem::transmute::<Group, __m512i>(*group) };
        let (mut va, mut vb, mut vl) = ([load(&a[0]); N], [load(&b[0]); N], [load(&least[0]); N]);
        for i in 1..N {
            (va[i], vb[i], vl[i]) = (load(&a[i]), load(&b[i]), load(&least[i]));
        }
        for &shingle in shingles {
            let x = _mm512_set1_epi32(low_half(shingle).cast_signed());
            for i in 0..N {
                vl[i] =
                    _mm512_min_epu32(vl[i], _mm512_add_epi32(_mm512_mullo_epi32(va[i], x), vb[i]));
            }
        }
        for (group, value) in least.iter_mut().zip(vl) {
            // SAFETY: as above.
            *group = unsafe { std::mem::transmute::<__m512i, Group>(value) };
        }
    }

    #[target_feature(enable = "avx2")]
    #[expect(unsafe_code, reason = "vectors are loaded from and stored to arrays")]
    fn avx2_group(shingles: &[u64], a: &Group, b: &Group, least: &mut Group) {
        // SAFETY: a group and two vectors are 64 bytes of plain integers each.
        let load = |group: &Group| unsafe { std::mem::transmute::<Group, [__m256i; 2]>(*group) };
        let (va, vb, mut vl) = (load(a), load(b), load(least));
        for &shingle in shingles {
            let x = _mm256_set1_epi32(low_half(shingle).cast_signed());
            for i in 0..2 {
                vl[i] =
                    _mm256_min_epu32(vl[i], _mm256_add_epi32(_mm256_mullo_epi32(va[i], x), vb[i]));
            }
        }
        // SAFETY: as above.
        *least = unsafe { std::mem::transmute::<[__m256i; 2], Group>(vl) };
    }
}
