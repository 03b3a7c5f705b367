//! A finished run to an index: its kept documents, spilled by id and written in order.

use std::path::Path;

use gamayun_dedup::{BandFile, BandLayout, BandRows, Bands};
use gamayun_text::{DocId, Monitor};

use super::entry::{Entry, sorted};
use super::manifest::IndexManifest;
use super::writer::{PartsWriter, Written};
use super::{BANDS, DOCUMENTS, partitions};
use crate::error::{Error, Result};
use crate::fate;
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::{self, Part};
use crate::spill::Spill;
use crate::tables::{for_each_batch, string_at};

pub(super) const SCRATCH: &str = "scratch";
/// Bytes a thread holds beside a partition: the keys of a part by row and by column, and what Parquet holds of a row group.
const BESIDE: u64 = 160 << 20;

/// What the work on an index may use.
#[derive(Clone, Copy, Debug)]
pub struct IndexParams {
    /// Threads, at least 1.
    pub threads: usize,
    /// Bytes of memory.
    pub memory: u64,
}

/// Writes the index of the kept documents of a finished run to a folder, emptied of what an earlier try left there.
///
/// Its text is base text: what levels removed of it is still there, as a later copy of the document has it too.
///
/// # Errors
/// The run has no parts, or is damaged; more memory is needed than allowed; files cannot be written; the monitor.
pub fn build_index(
    run: &Layout,
    output: &Path,
    params: IndexParams,
    monitor: &mut dyn Monitor,
) -> Result<IndexManifest> {
    let parts = part::parts(run)?;
    let first = parts
        .first()
        .ok_or_else(|| Error::damaged(run.path(DOCUMENTS), "the run has no documents"))?;
    let layout = bands(run, first)?.layout();
    let text_bytes = kept_bytes(run, &parts, params.threads, monitor)?;
    let ranges = partitions(text_bytes);
    check_memory("index build", params, 2 * text_bytes / ranges)?;
    let folder = begin(output)?;
    let scratch = folder.folder(SCRATCH)?;
    let spill = Spill::create(&scratch, usize::try_from(ranges).unwrap_or(1))?;
    let tally = Tally::of(2 * text_bytes);
    parallel::map(parts.len(), params.threads, &tally, monitor, |number| {
        spill_part(run, &parts[number], layout, &spill, &tally)
    })?;
    let paths = spill.finish()?;
    let written = parallel::map(paths.len(), params.threads, &tally, monitor, |range| {
        tally.check()?;
        let bytes = std::fs::read(&paths[range]).map_err(Error::file(&paths[range]))?;
        let mut writer = PartsWriter::new(output, layout, range);
        for entry in sorted(&paths[range], &bytes, layout.bands as usize)? {
            tally.check()?;
            writer.push(&entry)?;
            tally.add(entry.text.len() as u64, 1, entry.text.len() as u64);
        }
        writer.finish()
    })?;
    folder.remove_folder(SCRATCH)?;
    finish(output, layout, written)
}

/// An emptied folder for an index.
pub(super) fn begin(output: &Path) -> Result<Layout> {
    let folder = Layout::new(output);
    crate::layout::remove_file(&folder.path(super::manifest::FILE))?;
    for name in [BANDS, DOCUMENTS, SCRATCH] {
        folder.fresh_folder(name)?;
    }
    Ok(folder)
}

/// Writes what makes the files an index.
pub(super) fn finish(
    output: &Path,
    layout: BandLayout,
    written: Vec<Written>,
) -> Result<IndexManifest> {
    let mut all = Written::default();
    for some in written {
        all.add(some);
    }
    let index = IndexManifest::new(layout, all.sources, all.parts);
    index.write(output)?;
    Ok(index)
}

pub(super) fn check_memory(step: &'static str, params: IndexParams, each: u64) -> Result<()> {
    let need = params.threads.max(1) as u64 * (each + BESIDE);
    if need > params.memory {
        return Err(Error::MemoryTooSmall { step, need, budget: params.memory, documents: 0 });
    }
    Ok(())
}

fn bands(run: &Layout, part: &Part) -> Result<BandFile> {
    Ok(BandFile::open(run.path(format!("{BANDS}/{}.bands", part.stem)))?)
}

/// Bytes of the texts that are kept.
fn kept_bytes(
    run: &Layout,
    parts: &[Part],
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<u64> {
    let tally = Tally::of(0);
    let bytes = parallel::map(parts.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let selected = fate::selected(run, &parts[number])?;
        let mut bytes = 0;
        let path = fate::table(run, "annotations", &parts[number]);
        for_each_batch(&path, &["text_bytes"], |first, rows| {
            let sizes = rows.u64s("text_bytes")?;
            let those = selected.iter().skip(first).take(rows.len()).enumerate();
            bytes +=
                those.filter(|(_, id)| id.is_some()).map(|(row, _)| sizes.value(row)).sum::<u64>();
            Ok(())
        })?;
        Ok(bytes)
    })?;
    Ok(bytes.into_iter().sum())
}

fn spill_part(
    run: &Layout,
    part: &Part,
    layout: BandLayout,
    spill: &Spill,
    tally: &Tally,
) -> Result<()> {
    tally.check()?;
    let selected = fate::selected(run, part)?;
    let file = bands(run, part)?;
    if let Some((name, found, expected)) = file.layout().difference(layout) {
        let what = format!("its {name} is {found}, that of the other parts {expected}");
        return Err(Error::damaged(file.path(), what));
    }
    let rows = BandRows::read(&file)?;
    if rows.len() != selected.len() {
        let what = format!("{} documents, but there are {}", rows.len(), selected.len());
        return Err(Error::damaged(file.path(), what));
    }
    let path = fate::table(run, DOCUMENTS, part);
    let (mut band, mut bytes) = (Vec::new(), Vec::new());
    for_each_batch(&path, &["source", "id", "text"], |first, batch| {
        tally.check()?;
        let (sources, ids) = (batch.strings("source")?, batch.strings("id")?);
        let texts = batch.strings("text")?;
        for row in 0..batch.len() {
            let Some(Some(doc_id)) = selected.get(first + row) else { continue };
            let keys = rows.get(first + row).ok_or_else(|| {
                Error::damaged(&path, "more rows than there are keys in the band file beside it")
            })?;
            check_text(&path, *doc_id, texts.value(row), keys.content)?;
            band.clear();
            keys.write(&mut band);
            let entry = Entry {
                doc_id: *doc_id,
                band: &band,
                source: sources.value(row),
                id: string_at(ids, row),
                text: texts.value(row),
            };
            bytes.clear();
            entry.write(&mut bytes);
            spill.append(*doc_id, &bytes)?;
            tally.add(entry.text.len() as u64, 0, 0);
        }
        Ok(())
    })?;
    Ok(())
}

/// Refuses a text that is not the one whose hash is in the band file.
pub(crate) fn check_text(path: &Path, doc_id: DocId, text: &str, content: u128) -> Result<()> {
    if gamayun_text::hash::hash128(text.as_bytes()) == content {
        return Ok(());
    }
    Err(Error::damaged(path, format!("document {doc_id}: its text is not the one that was hashed")))
}
