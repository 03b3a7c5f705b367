//! Documents to clusters to survivors: MinHash, banding, verified pairs.
//!
//! MinHash signatures only propose. A document is removed when its text equals that of the document that is kept, or
//! when the exact Jaccard of their shingle sets reaches the threshold; never because of a third document.
//!
//! The order of work: [`Signer`] makes a signature and its band keys of a document's shingles, [`BandFileWriter`]
//! keeps them, [`job::cluster`] joins what shares a bucket or a text, reads the candidates again and decides, for any number
//! of documents in bounded memory, as tasks that hand files to one another. [`Deduplicator`] does all of it for texts that
//! come in batches, [`deduplicate`] for texts in memory.
//!
//! A template that many pages share puts them into one component. Small components are compared text by text; in large
//! ones only pairs that have one of their rarest shingles in common are, which finds every match and spares the pages
//! that have the template alone in common, so the work grows with the matches and not with the square of the pages.
//!
//! Bytes a document on disk, at 14 bands of 8 rows: at most 126.

mod band_rows;
mod bands;
mod batch;
pub mod contamination;
pub mod datatrove;
mod deduplicate;
mod deduplicator;
mod entry_sort;
mod error;
mod file;
mod file_writer;
pub mod job;
mod kernel;
mod leader;
mod measure;
mod near_sorted;
mod outcome;
mod params;
mod passage;
mod prefix;
mod set;
mod set_maker;
mod shared;
mod signed;
mod signer;
mod sorter;
mod spill;
mod substring;
mod threads;
#[cfg(test)]
mod union;

pub use band_rows::{BandRow, BandRows};
pub use bands::{BandLayout, BandTable, Bands, PART_DOCUMENTS};
pub use batch::{band_keys, by_row, signatures, similarities};
pub use contamination::ContaminationParams;
pub use deduplicate::deduplicate;
pub use deduplicator::{Deduplicator, Outcomes};
pub use error::{CorpusError, Error, Result};
pub use file::BandFile;
pub use file_writer::BandFileWriter;
pub use measure::Measure;
pub use outcome::{Evidence, Outcome};
pub use params::DedupParams;
pub use passage::{PassageKind, passage_cuts, passages};
pub use set::{containment, jaccard, sorted_set, sorted_set_of};
pub use signer::Signer;
pub use sorter::{Merge, Sorted, Sorter};
pub use substring::{Removal, Repeat, Repeats, anchors, windows_around};
