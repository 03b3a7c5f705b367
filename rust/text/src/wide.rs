//! What the kernels for AVX-512 share: whether the processor has it, and loads that know their bounds.

/// The processor permutes bytes of 64 lanes (Ice Lake and later, Zen 4 and later).
#[cfg(target_arch = "x86_64")]
pub(crate) fn supported() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512vbmi")
        && is_x86_feature_detected!("avx512vbmi2")
        && is_x86_feature_detected!("bmi2")
        && is_x86_feature_detected!("popcnt")
}

#[cfg(not(target_arch = "x86_64"))]
pub(crate) fn supported() -> bool {
    false
}

#[cfg(target_arch = "x86_64")]
pub(crate) mod x86 {
    use std::arch::x86_64::{
        __m512i, _bzhi_u64, _mm512_loadu_si512, _mm512_maskz_loadu_epi8, _mm512_set1_epi8,
    };

    /// 64 bytes from `at` on; zeros behind the end.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw,bmi2")]
    #[expect(unsafe_code, reason = "a load of no more bytes than there are")]
    pub(crate) fn load(bytes: &[u8], at: usize) -> __m512i {
        let left = bytes.len().saturating_sub(at).min(64);
        let mask = _bzhi_u64(u64::MAX, u32::try_from(left).unwrap_or(64));
        let start = bytes.as_ptr().cast::<i8>().wrapping_add(at);
        // SAFETY: the mask selects bytes of the slice only, and others are not touched.
        unsafe { _mm512_maskz_loadu_epi8(mask, start) }
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    #[expect(unsafe_code, reason = "a load of the length of its array")]
    pub(crate) fn load_table(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: the array has the 64 bytes that are loaded, at any alignment.
        unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
    }

    /// This byte in all lanes.
    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn lanes(byte: u8) -> __m512i {
        _mm512_set1_epi8(byte.cast_signed())
    }
}
