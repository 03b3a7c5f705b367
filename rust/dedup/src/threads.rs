//! A pool of threads for one call.

use crate::{Error, Result};

/// A pool of so many threads, at least one.
pub(crate) fn pool(threads: usize) -> Result<rayon::ThreadPool> {
    let threads = threads.max(1);
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .map_err(|error| Error::Threads { threads, problem: error.to_string() })
}
