//! Short pretokens as numbers, their hashes, and fetching ahead what a hash leads to.

/// The longest pretoken that fits a number: its length takes the last byte.
pub(crate) const SHORT: usize = 15;

/// The first bytes of a key, by how many. A shift of 128 bits by a variable takes longer than to look it up.
const FIRST: [u128; SHORT + 1] = {
    let mut first = [0; SHORT + 1];
    let mut len = 1;
    while len <= SHORT {
        first[len] = first[len - 1] << 8 | 0xFF;
        len += 1;
    }
    first
};

/// The bytes of a short pretoken with its length in the last byte, little-endian. `text` may go on behind it, which is
/// faster.
#[inline]
pub(crate) fn short(text: &[u8], start: usize, len: usize) -> u128 {
    let raw = if let Some(bytes) = text.get(start..).and_then(|rest| rest.first_chunk::<16>()) {
        u128::from_le_bytes(*bytes) & FIRST[len]
    } else {
        let mut bytes = [0; 16];
        bytes[..len].copy_from_slice(&text[start..start + len]);
        u128::from_le_bytes(bytes)
    };
    raw | (len as u128) << 120
}

/// The two halves of a product of the two halves: enough mixing for words.
#[inline]
#[expect(clippy::cast_possible_truncation, reason = "takes the halves of 128 bits")]
pub(crate) fn fold(key: u128) -> u64 {
    let (low, high) = (key as u64, (key >> 64) as u64);
    let product =
        u128::from(low ^ 0x9E37_79B9_7F4A_7C15) * u128::from(high ^ 0xD6E8_FEB8_6659_FD93);
    (product as u64) ^ ((product >> 64) as u64)
}

/// Asks the processor to load an element soon; does nothing where it cannot be asked.
#[inline]
pub(crate) fn fetch<T>(slots: &[T], at: usize) {
    #[cfg(target_arch = "x86_64")]
    if let Some(slot) = slots.get(at) {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        #[expect(
            unsafe_code,
            reason = "half of the time of counting and encoding is waiting for memory"
        )]
        // SAFETY: a prefetch reads nothing, whatever the address; this one is that of an element.
        unsafe {
            _mm_prefetch::<_MM_HINT_T0>(std::ptr::from_ref(slot).cast());
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (slots, at);
}

/// Where a part of a text begins in it.
#[inline]
pub(crate) fn offset(text: &str, part: &str) -> usize {
    part.as_ptr().addr() - text.as_ptr().addr()
}
