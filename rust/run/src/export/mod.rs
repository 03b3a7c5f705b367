//! Exports of shards by the name of the format: those of the shard engine, and Parquet, a row a document or a sample.

mod documents;
mod samples;
mod tokens;

use std::path::Path;

use gamayun_shard::{ExportedFile, Origin, file_sha256};

use gamayun_shard::{
    DOCUMENT_FORMATS, DocumentFormat, ExportParams, ExportedPart, Reader, SAMPLE_FORMATS,
    SampleFile, SampleFormat,
};
use gamayun_text::{Monitor, Progress};

use crate::error::{Error, Result};

/// The format that needs more than the shard engine has.
const PARQUET: &str = "parquet";

/// A batch of rows has about so many tokens.
const BATCH_TOKENS: u64 = 1 << 20;

/// Names of the formats of whole documents.
#[must_use]
pub fn document_formats() -> Vec<&'static str> {
    DOCUMENT_FORMATS.iter().map(|format| format.name).chain([PARQUET]).collect()
}

/// Names of the formats of samples.
#[must_use]
pub fn sample_formats() -> Vec<&'static str> {
    SAMPLE_FORMATS.iter().map(|format| format.name).chain([PARQUET]).collect()
}

/// Writes the documents whose first token lies in a stage's stretch of a pool, whole, once an epoch.
pub fn export_documents(
    format: &str,
    params: &ExportParams,
    monitor: &mut dyn Monitor,
) -> Result<Vec<ExportedPart>> {
    if format == PARQUET {
        return documents::export(params, monitor);
    }
    Ok(gamayun_shard::export_pool(DocumentFormat::named(format)?, params, monitor)?)
}

/// Writes all samples of a stage in their order, to files of about `file_bytes` or of the format's own size. `pools`
/// are the names of the stage's pools.
pub fn export_samples(
    format: &str,
    reader: &Reader,
    pools: &[String],
    folder: &Path,
    file_bytes: Option<u64>,
    monitor: &mut dyn Monitor,
) -> Result<Vec<SampleFile>> {
    if format == PARQUET {
        return samples::export(reader, pools, folder, file_bytes, monitor);
    }
    Ok(SampleFormat::named(format)?.write(reader, folder, file_bytes, monitor)?)
}

/// A file that was just written.
fn exported(path: &Path, bytes: u64) -> Result<ExportedFile> {
    let (path, sha256) = (path.to_owned(), file_sha256(path)?);
    Ok(ExportedFile { path, bytes, sha256, origin: Origin::Written })
}

fn advance(monitor: &mut dyn Monitor, progress: Progress) -> Result<()> {
    monitor.advance(progress).map_err(|_| Error::Interrupted)
}
