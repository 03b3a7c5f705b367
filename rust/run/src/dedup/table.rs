//! Outcomes to `dedup/part-*.parquet`, row-aligned, counted as they are written.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, Float64Builder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use gamayun_dedup::Evidence;
use gamayun_dedup::job::{Clusters, Outcome};
use gamayun_io::TableWriter;
use gamayun_text::{DocId, Monitor};

use super::against::Earlier;
use super::counts::{DedupCounts, is_earlier, is_removed};
use super::numbers::{Numbered, Numbers};
use super::own::Own;
use super::scan::Scan;
use super::source::source_and_id;
use crate::error::Result;
use crate::fate;
use crate::parallel::{self, Tally};
use crate::tables::{self, ID_BYTES, for_each_batch, id_at};

/// What the tables are made of.
pub(crate) struct Table<'a> {
    pub own: &'a Own<'a>,
    pub scan: &'a Scan,
    pub numbers: &'a Numbers,
    pub clusters: &'a Clusters,
    pub earlier: &'a Earlier,
}

impl Table<'_> {
    /// Writes the table of every part, and counts.
    pub(crate) fn write(&self, monitor: &mut dyn Monitor) -> Result<DedupCounts> {
        self.own.layout.fresh_folder("dedup")?;
        let tally = Tally::of(self.own.documents);
        let threads = self.own.params.threads;
        let counted = parallel::map(self.own.parts.len(), threads, &tally, monitor, |number| {
            self.part(number, &tally)
        })?;
        let mut counts = DedupCounts::default();
        for some in counted {
            counts.add(some);
        }
        Ok(counts)
    }

    fn part(&self, number: usize, tally: &Tally) -> Result<DedupCounts> {
        tally.check()?;
        let (own, part) = (self.own, &self.own.parts[number]);
        let rows = own.rows(number);
        let mut counts = DedupCounts::default();
        let outcomes = self.outcomes(rows.clone(), tally)?;
        let mut outcomes = outcomes.iter().peekable();
        let mut numbered = Numbered::of(self.numbers, rows.clone())?;
        let mut writer =
            TableWriter::create(&fate::table(own.layout, "dedup", part), tables::dedup())?;
        let annotations = fate::table(own.layout, "annotations", part);
        for_each_batch(&annotations, &["doc_id", "language"], |first, batch| {
            tally.check()?;
            let (ids, languages) = (batch.ids("doc_id")?, batch.strings("language")?);
            let mut columns = Columns::new();
            for place in 0..batch.len() {
                let row = rows.start + (first + place) as u64;
                let outcome = outcomes.next_if(|outcome| outcome.document == row);
                let from = outcome.and_then(|outcome| self.reference(outcome));
                columns.push(numbered.id(row, id_at(ids, place)), outcome, from);
                if let Some(outcome) = outcome {
                    let passed = self.scan.passed.contains(row);
                    counts.note(outcome, passed, languages.value(place), own.source(number));
                }
            }
            tally.add(batch.len() as u64, 0, 0);
            Ok(writer.write(&columns.finish()?)?)
        })?;
        writer.finish()?;
        Ok(counts)
    }

    /// What the earlier run that has the document is called, if one has.
    fn reference(&self, outcome: &Outcome) -> Option<&str> {
        let kept = outcome.kept.as_ref().filter(|_| is_earlier(outcome))?;
        Some(self.earlier.name_of(kept.document - self.own.documents))
    }

    fn outcomes(&self, rows: Range<u64>, tally: &Tally) -> Result<Vec<Outcome>> {
        tally.check()?;
        Ok(self.clusters.outcomes(rows)?)
    }
}

/// The columns of a batch as they grow.
struct Columns {
    ids: [FixedSizeBinaryBuilder; 3],
    size: UInt64Builder,
    strings: [StringBuilder; 4],
    similarity: Float64Builder,
}

impl Columns {
    fn new() -> Self {
        Self {
            ids: std::array::from_fn(|_| FixedSizeBinaryBuilder::new(ID_BYTES)),
            size: UInt64Builder::new(),
            strings: std::array::from_fn(|_| StringBuilder::new()),
            similarity: Float64Builder::new(),
        }
    }

    fn push(&mut self, id: DocId, outcome: Option<&Outcome>, from: Option<&str>) {
        let kept = outcome.filter(|outcome| is_removed(outcome)).and_then(|o| o.kept.as_ref());
        let (measure, similarity) = outcome.map_or((None, None), |outcome| proof(outcome.evidence));
        let [doc_id, cluster, kept_id] = &mut self.ids;
        // The widths are constants of the schema, so appending ids cannot fail.
        let _ = doc_id.append_value(id.to_bytes());
        let _ = cluster.append_value(outcome.map_or(id, |outcome| outcome.cluster).to_bytes());
        match kept {
            Some(kept) => {
                let _ = kept_id.append_value(kept.id.to_bytes());
            }
            None => kept_id.append_null(),
        }
        self.size.append_value(outcome.map_or(1, |outcome| outcome.size));
        let named = kept.map(|kept| source_and_id(&kept.name));
        let [source, users_id, references, measures] = &mut self.strings;
        source.append_option(named.map(|(source, _)| source));
        users_id.append_option(named.and_then(|(_, id)| id));
        references.append_option(from);
        measures.append_option(measure);
        self.similarity.append_option(similarity);
    }

    fn finish(self) -> Result<RecordBatch> {
        let [mut doc_id, mut cluster, mut kept_id] = self.ids;
        let [mut source, mut users_id, mut reference, mut measure] = self.strings;
        let (mut size, mut similarity) = (self.size, self.similarity);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(doc_id.finish()),
            Arc::new(cluster.finish()),
            Arc::new(size.finish()),
            Arc::new(kept_id.finish()),
            Arc::new(source.finish()),
            Arc::new(users_id.finish()),
            Arc::new(reference.finish()),
            Arc::new(measure.finish()),
            Arc::new(similarity.finish()),
        ];
        tables::batch(tables::dedup(), columns)
    }
}

/// The measure and its value.
pub(crate) fn proof(evidence: Evidence) -> (Option<&'static str>, Option<f64>) {
    match evidence {
        Evidence::Exact => (Some("exact"), Some(1.0)),
        Evidence::Jaccard(value) => (Some("jaccard"), Some(value)),
        Evidence::Containment(value) => (Some("containment"), Some(value)),
        Evidence::Alone | Evidence::Survivor => (None, None),
    }
}
