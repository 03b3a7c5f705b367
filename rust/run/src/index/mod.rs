//! The index of an earlier run: its kept documents with their band keys, for later runs to be compared with.
//!
//! A folder: `index.json` ([`IndexManifest`]), `bands/part-*.bands` and `documents/part-*.parquet`, row i of one speaking of
//! row i of the other. Rows ascend by document id through all parts, and parts end where the ids and the texts say, so the
//! bytes are a function of the documents alone. Nothing is hashed again: keys are copied from the run.

mod build;
mod cursor;
mod entry;
mod manifest;
mod merge;
mod writer;

pub(crate) use self::build::check_text;
pub use self::build::{IndexParams, build_index};
pub use self::manifest::{IndexFile, IndexManifest, IndexPart, check_index};
pub use self::merge::{MergeCounts, merge_indexes};

/// Where band files lie, in an index as in a run.
pub(crate) const BANDS: &str = "bands";
/// Where texts lie, in an index as in a run.
pub(crate) const DOCUMENTS: &str = "documents";

/// Text bytes of a partition of ids, as long as there are no more than `MOST_PARTITIONS`.
const PARTITION_BYTES: u64 = 32 << 20;
/// Partitions, at most: each is an open file while an index is built.
const MOST_PARTITIONS: u64 = 1024;

/// Into how many ranges of ids documents are cut: a power of two that depends on their texts alone.
fn partitions(text_bytes: u64) -> u64 {
    text_bytes.div_ceil(PARTITION_BYTES).max(1).next_power_of_two().min(MOST_PARTITIONS)
}
