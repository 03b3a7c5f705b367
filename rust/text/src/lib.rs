//! The vocabulary all engines share: document ids, hashes, words, shingles, normalisation, progress.
//!
//! Nothing here reads a file or starts a thread.

pub mod hash;
mod id;
mod monitor;
mod normalise;

pub use id::DocId;
pub use monitor::{Interrupted, Monitor, Progress};
pub use normalise::{NormaliseCounts, is_removed, normalise};
