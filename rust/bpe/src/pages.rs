//! Room for large arrays on large pages: touching it first then takes one page fault for 2 MiB, not one for 4 KiB.

/// An empty vector with room for `len` elements.
pub(crate) fn with_capacity<T>(len: usize) -> Vec<T> {
    let room = Vec::with_capacity(len);
    prefer_large(&room);
    room
}

/// Asks for large pages for the room of a vector that is going to be filled.
pub(crate) fn prefer_large<T>(room: &Vec<T>) {
    ask(room.as_ptr(), room.capacity());
}

/// A vector of `len` zeros, as the system gives them.
pub(crate) fn zeroed<T: Clone + bytemuck::Zeroable>(len: usize) -> Vec<T> {
    let room = bytemuck::zeroed_vec(len);
    prefer_large(&room);
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
        #[expect(unsafe_code, reason = "a tenth of the time of training went into page faults")]
        // SAFETY: the range lies inside of an allocation, and the advice changes nothing that a program can read.
        unsafe {
            libc::madvise(start.with_addr(from).cast_mut().cast(), to - from, libc::MADV_HUGEPAGE);
        }
    }
}

#[cfg(not(target_os = "linux"))]
fn ask<T>(_start: *const T, _len: usize) {}
