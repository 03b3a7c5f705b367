//! Room for large matrices on large pages: rows are read at random, and a page of 4 KiB is looked up for each.

/// An empty vector with room for `len` elements.
pub(crate) fn with_capacity<T>(len: usize) -> Vec<T> {
    let room = Vec::with_capacity(len);
    ask(room.as_ptr(), room.capacity());
    room
}

/// A vector of `len` equal elements.
pub(crate) fn filled<T: Clone>(value: T, len: usize) -> Vec<T> {
    let mut room = with_capacity(len);
    room.resize(len, value);
    room
}

/// Asks for large pages where they matter; the system may decline.
#[cfg(target_os = "linux")]
fn ask<T>(start: *const T, len: usize) {
    const LARGE: usize = 2 << 20;
    let (from, to) = (start.addr(), start.addr() + len * size_of::<T>());
    let (from, to) = (from.next_multiple_of(LARGE), to - to % LARGE);
    if from < to {
        #[expect(unsafe_code, reason = "most of the time of training went into looking up pages")]
        // SAFETY: the range lies inside of an allocation, and the advice changes nothing that a program can read.
        unsafe {
            libc::madvise(start.with_addr(from).cast_mut().cast(), to - from, libc::MADV_HUGEPAGE);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn ask<T>(_start: *const T, _len: usize) {}
