//! Exports: the documents that a stage begins, or its samples, in the files of other trainers.
//!
//! Most trainers read the payload of a shard as it is: an export links it and writes side files. A format that cannot
//! leave documents out gets a cut copy of the shards that a stage reads in part. Formats of samples are copies,
//! in the exact order of the stage. A new format is a file here and a line in [`DOCUMENT_FORMATS`] or
//! [`SAMPLE_FORMATS`].

mod chosen;
mod datatrove;
mod litdata;
mod llmc;
mod mds;
mod megatron;
mod olmo;
mod part;
mod payload;
mod pool;
mod sample;
mod sink;

use std::path::Path;

use gamayun_text::Monitor;

use chosen::Chosen;
pub use pool::{Begun, ExportParams, ExportedPart, begun, export_pool};
pub use sample::{SAMPLE_FORMATS, SampleFile, SampleFormat};
pub use sink::{ExportedFile, Origin};

use crate::{Error, Result};

/// Writes the side files of a payload: its documents, its path without extension.
type WriteSideFiles = fn(&Chosen<'_>, &Path, &mut dyn Monitor) -> Result<Vec<ExportedFile>>;

/// A format of whole documents.
#[derive(Debug)]
pub struct DocumentFormat {
    /// Its name, as users give it.
    pub name: &'static str,
    /// Extension of the payload.
    extension: &'static str,
    /// Whether its side file can name some of the payload's documents, so that the payload needs no cutting.
    subsets: bool,
    write: WriteSideFiles,
}

/// Every format of whole documents.
pub const DOCUMENT_FORMATS: &[DocumentFormat] =
    &[megatron::FORMAT, datatrove::FORMAT, olmo::FORMAT];

impl DocumentFormat {
    /// The format of this name.
    pub fn named(name: &str) -> Result<&'static Self> {
        DOCUMENT_FORMATS.iter().find(|format| format.name == name).ok_or_else(|| {
            let known: Vec<_> = DOCUMENT_FORMATS.iter().map(|format| format.name).collect();
            let message = format!("expected one of {}, found {name}", known.join(", "));
            Error::Params { parameter: "format", message }
        })
    }
}

/// Documents between two calls of the monitor.
const STRIDE: u64 = 1 << 14;
