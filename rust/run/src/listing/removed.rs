//! `removed.parquet`: every removed document with the one that is kept for it and the proof, ordered by id.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use arrow_array::builder::{Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use gamayun_dedup::job::Outcome;
use gamayun_io::TableWriter;
use gamayun_text::{DocId, Monitor};
use serde::{Deserialize, Serialize};

use super::found::Found;
use crate::dedup::counts::{DedupCounts, is_removed};
use crate::dedup::numbers::{Numbered, Numbers};
use crate::dedup::own::Own;
use crate::dedup::source::source_and_id;
use crate::dedup::table::proof;
use crate::error::{Error, Result};
use crate::fate;
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::part::index;
use crate::tables::{self, for_each_batch, id_at, string_at};

/// The file's name in a run.
pub(crate) const NAME: &str = "removed.parquet";
/// What a row may take in memory, and as many again for the columns.
const ROW: u64 = 1024;
/// Partitions for each thread, at least.
const PARTITIONS: usize = 8;
/// Rows of a batch of the table.
const BATCH: usize = 1 << 14;

/// A row of the table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Row {
    doc_id: u128,
    kept_doc_id: u128,
    part: usize,
    id: Option<String>,
    record: u64,
    measure: Cow<'static, str>,
    /// The bits of the number.
    similarity: u64,
    cluster_size: u64,
    /// Its source and its user's id.
    kept: String,
}

/// Writes the table, and counts; returns the bytes of the removed documents, too.
pub(crate) fn write(
    own: &Own<'_>,
    numbers: &Numbers,
    found: &Found,
    folder: PathBuf,
    monitor: &mut dyn Monitor,
) -> Result<(DedupCounts, u64)> {
    let (tally, threads) = (Tally::of(own.documents), own.params.threads);
    let bytes = found.candidates().saturating_mul(ROW);
    let rows = Rows::new(folder, bytes, own.params.memory / 4, threads);
    let counted = parallel::map(own.parts.len(), threads, &tally, monitor, |number| {
        let some = part(own, numbers, found, number, &rows, &tally)?;
        tally.add(own.parts[number].documents, 0, 0);
        Ok(some)
    })?;
    let mut counts = DedupCounts::default();
    let mut bytes = 0;
    for (some, removed) in counted {
        counts.add(some);
        bytes += removed;
    }
    let written = table(own, own.layout, &rows, monitor)?;
    let removed = counts.removed_exact + counts.removed_near;
    if written != removed {
        let what = format!("{written} rows for {removed} removed documents");
        return Err(Error::damaged(own.layout.path(NAME), what));
    }
    Ok((counts, bytes))
}

/// The removed documents of a part.
fn part(
    own: &Own<'_>,
    numbers: &Numbers,
    found: &Found,
    number: usize,
    out: &Rows,
    tally: &Tally,
) -> Result<(DedupCounts, u64)> {
    tally.check()?;
    let (rows, source) = (own.rows(number), own.source(number));
    let mut counts = DedupCounts::default();
    let mut removed = found.outcomes(rows.clone())?;
    removed.retain(|outcome| {
        counts.note(outcome, true, "und", source);
        is_removed(outcome)
    });
    tally.check()?;
    let mut numbered = Numbered::of(numbers, rows.clone())?;
    let mut ids = Vec::with_capacity(removed.len());
    let places: Vec<usize> = removed.iter().map(|o| index(o.document - rows.start)).collect();
    let annotations = fate::table(own.layout, "annotations", &own.parts[number]);
    let mut bytes = 0;
    for_each_batch(&annotations, &["doc_id", "text_bytes"], |first, batch| {
        let (all, sizes) = (batch.ids("doc_id")?, batch.u64s("text_bytes")?);
        for place in within(&places, first, batch.len()) {
            ids.push(numbered.id(rows.start + *place as u64, id_at(all, place - first)));
            bytes += sizes.value(place - first);
        }
        Ok(())
    })?;
    let documents = fate::table(own.layout, "documents", &own.parts[number]);
    let mut rest = removed.iter().zip(ids);
    for_each_batch(&documents, &["record", "id"], |first, batch| {
        let (records, names) = (batch.u64s("record")?, batch.strings("id")?);
        for place in within(&places, first, batch.len()) {
            let Some((outcome, id)) = rest.next() else { break };
            let name = string_at(names, place - first).map(str::to_owned);
            out.push(row(outcome, id, number, records.value(place - first), name))?;
        }
        Ok(())
    })?;
    Ok((counts, bytes))
}

/// Those of the ascending places that are in a batch.
fn within(places: &[usize], first: usize, length: usize) -> &[usize] {
    let from = places.partition_point(|place| *place < first);
    &places[from..places.partition_point(|place| *place < first + length)]
}

fn row(outcome: &Outcome, id: DocId, part: usize, record: u64, name: Option<String>) -> Row {
    let (measure, similarity) = proof(outcome.evidence);
    let kept = outcome.kept.as_ref();
    Row {
        doc_id: id.0,
        kept_doc_id: kept.map_or(0, |kept| kept.id.0),
        part,
        id: name,
        record,
        measure: Cow::Borrowed(measure.unwrap_or_default()),
        similarity: similarity.unwrap_or_default().to_bits(),
        cluster_size: outcome.size,
        kept: kept.map(|kept| kept.name.to_string()).unwrap_or_default(),
    }
}

/// Rows by the leading bits of their ids: in memory if all are sure to fit, else in files.
struct Rows {
    folder: PathBuf,
    partitions: Vec<Mutex<Partition>>,
    /// Partitions of which there is room for the rows at a time.
    at_once: usize,
}

enum Partition {
    Held(Vec<Row>),
    Written(BufWriter<File>),
}

impl Rows {
    /// For rows of so many bytes in all, of which each thread takes a partition at a time.
    fn new(folder: PathBuf, bytes: u64, memory: u64, threads: usize) -> Self {
        let threads = threads.max(1);
        let least = (PARTITIONS * threads).next_power_of_two() as u64;
        let share = (memory / threads as u64).max(1);
        let partitions = bytes.div_ceil(share).next_power_of_two().clamp(least, 1 << 12);
        let fits = bytes <= memory;
        Self {
            folder,
            partitions: (0..partitions).map(|_| Mutex::new(Partition::Held(Vec::new()))).collect(),
            at_once: if fits { usize::MAX } else { threads },
        }
    }

    fn held(&self) -> bool {
        self.at_once == usize::MAX
    }

    fn path(&self, partition: usize) -> PathBuf {
        self.folder.join(format!("removed-{partition}"))
    }

    fn push(&self, row: Row) -> Result<()> {
        let bits = self.partitions.len().trailing_zeros();
        let place = row.doc_id.checked_shr(128 - bits).unwrap_or(0);
        let place = usize::try_from(place).unwrap_or(0);
        let mut partition = lock(&self.partitions[place]);
        if !self.held() && matches!(*partition, Partition::Held(_)) {
            let path = self.path(place);
            *partition = Partition::Written(BufWriter::new(
                File::create(&path).map_err(Error::file(&path))?,
            ));
        }
        match &mut *partition {
            Partition::Held(rows) => rows.push(row),
            Partition::Written(file) => {
                let path = self.path(place);
                let line = serde_json::to_vec(&row)
                    .map_err(|error| Error::damaged(&path, error.to_string()))?;
                file.write_all(&line)
                    .and_then(|()| file.write_all(b"\n"))
                    .map_err(Error::file(&path))?;
            }
        }
        Ok(())
    }

    /// The rows of a partition, ordered by id.
    fn take(&self, place: usize) -> Result<Vec<Row>> {
        let path = self.path(place);
        let mut partition = lock(&self.partitions[place]);
        let mut rows = match &mut *partition {
            Partition::Held(rows) => std::mem::take(rows),
            Partition::Written(file) => {
                file.flush().map_err(Error::file(&path))?;
                let lines = BufReader::new(File::open(&path).map_err(Error::file(&path))?);
                serde_json::Deserializer::from_reader(lines)
                    .into_iter()
                    .collect::<std::result::Result<_, _>>()
                    .map_err(|error| Error::damaged(&path, error.to_string()))?
            }
        };
        rows.sort_unstable();
        Ok(rows)
    }
}

fn lock(partition: &Mutex<Partition>) -> std::sync::MutexGuard<'_, Partition> {
    partition.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Writes the rows; returns how many.
fn table(own: &Own<'_>, layout: &Layout, rows: &Rows, monitor: &mut dyn Monitor) -> Result<u64> {
    let threads = own.params.threads;
    let mut writer =
        TableWriter::create(&layout.path(NAME), tables::removed())?.on_threads(threads);
    let (mut written, mut place) = (0, 0);
    while place < rows.partitions.len() {
        let some = (rows.partitions.len() - place).min(rows.at_once);
        let tally = Tally::default();
        let batches = parallel::map(some, threads, &tally, monitor, |number| {
            let rows = rows.take(place + number)?;
            rows.chunks(BATCH).map(|some| batch(own, some)).collect::<Result<Vec<_>>>()
        })?;
        for batch in batches.into_iter().flatten() {
            monitor.advance(gamayun_text::Progress::default()).map_err(|_| Error::Interrupted)?;
            writer.write(&batch)?;
            written += batch.num_rows() as u64;
        }
        place += some;
    }
    writer.finish()?;
    Ok(written)
}

fn batch(own: &Own<'_>, rows: &[Row]) -> Result<RecordBatch> {
    let mut strings: [StringBuilder; 8] = std::array::from_fn(|_| StringBuilder::new());
    let (mut record, mut size) = (UInt64Builder::new(), UInt64Builder::new());
    let mut similarity = Float64Builder::new();
    for row in rows {
        let (kept_source, kept_id) = source_and_id(&row.kept);
        let input = &own.parts[row.part].receipt.input;
        let values = [
            Some(input.source.as_str()),
            row.id.as_deref(),
            Some(input.name.as_str()),
            Some(&DocId(row.doc_id).to_string()),
            Some(&DocId(row.kept_doc_id).to_string()),
            Some(&row.measure),
            Some(kept_source),
            kept_id,
        ];
        for (builder, value) in strings.iter_mut().zip(values) {
            builder.append_option(value);
        }
        record.append_value(row.record);
        size.append_value(row.cluster_size);
        similarity.append_value(f64::from_bits(row.similarity));
    }
    let [source, id, input, doc_id, kept_doc_id, measure, kept_source, kept_id] =
        strings.map(|mut builder| Arc::new(builder.finish()) as ArrayRef);
    let columns = vec![
        source,
        id,
        input,
        Arc::new(record.finish()),
        doc_id,
        kept_doc_id,
        measure,
        Arc::new(similarity.finish()),
        Arc::new(size.finish()),
        kept_source,
        kept_id,
    ];
    tables::batch(tables::removed(), columns)
}
