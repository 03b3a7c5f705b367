//! The vocabulary all engines share: document ids, hashes, words, shingles, normalisation, progress.
//!
//! Nothing here reads a file, and only [`tasks`] starts threads.

mod block;
mod characters;
mod class;
mod combine;
pub mod hash;
mod id;
mod inert;
#[cfg(target_arch = "x86_64")]
mod long_hash;
mod monitor;
mod normalise;
mod ranges;
pub mod shingle;
mod spaced;
mod spans;
mod stretch;
pub mod tasks;
mod wide;
mod word_hash;
pub mod words;

pub use id::DocId;
pub use monitor::{Interrupted, Monitor, Progress};
pub use normalise::{NormaliseCounts, is_removed, normalise};
pub use spaced::spaced;
pub use spans::word_spans;
