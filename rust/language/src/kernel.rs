//! The loops over whole windows of characters, compiled for the vectors that the processor has.

use crate::buckets::Modulo;
use crate::dictionary::FNV_PRIME;

/// Calls the copy of a function that was compiled for the best vectors at hand.
macro_rules! dispatch {
    ($function:ident($($argument:expr),*)) => {{
        #[cfg(target_arch = "x86_64")]
        if std::arch::is_x86_feature_detected!("avx2") {
            #[expect(unsafe_code, reason = "a copy of the same safe code for wider vectors")]
            // SAFETY: the processor has AVX2.
            return unsafe { avx2::$function($($argument),*) };
        }
        $function($($argument),*)
    }};
}

/// Extends the hash of the n-gram at each position by one character; `codes[i]` is the character that position `i`
/// comes to, its UTF-8 bytes packed from the low end, of which no code here uses more than `bytes`.
pub(crate) fn extend(hashes: &mut [u32], codes: &[u32], bytes: usize) {
    dispatch!(extend_any(hashes, codes, bytes));
}

/// The bucket of each hash.
pub(crate) fn reduce(buckets: &mut [u32], hashes: &[u32], modulo: Modulo) {
    dispatch!(reduce_any(buckets, hashes, modulo));
}

#[cfg(target_arch = "x86_64")]
mod avx2 {
    use super::Modulo;

    #[target_feature(enable = "avx2")]
    pub(super) fn extend_any(hashes: &mut [u32], codes: &[u32], bytes: usize) {
        super::extend_any(hashes, codes, bytes);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn reduce_any(buckets: &mut [u32], hashes: &[u32], modulo: Modulo) {
        super::reduce_any(buckets, hashes, modulo);
    }
}

#[inline(always)]
fn extend_any(hashes: &mut [u32], codes: &[u32], bytes: usize) {
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
fn reduce_any(buckets: &mut [u32], hashes: &[u32], modulo: Modulo) {
    for (bucket, &hash) in buckets.iter_mut().zip(hashes) {
        *bucket = modulo.of(hash);
    }
}
