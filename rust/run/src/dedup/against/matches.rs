//! The documents that earlier runs have too: `against/part-*.parquet`.

use std::collections::BTreeMap;
use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use gamayun_dedup::job::{Clusters, Kept, Outcome};
use gamayun_io::{TableWriter, read_rows};
use gamayun_text::{DocId, Monitor};

use super::Earlier;
use crate::dedup::counts::sum;
use crate::dedup::numbers::{Numbered, Numbers};
use crate::dedup::own::Own;
use crate::dedup::scan::Scan;
use crate::dedup::source::source_and_id;
use crate::dedup::table::proof;
use crate::error::{Error, Result};
use crate::fate;
use crate::index::DOCUMENTS;
use crate::parallel::{self, Tally};
use crate::tables::{self, ID_BYTES, Rows, id_at, string_at};

/// Where the tables lie, if the run was compared with earlier ones.
pub(crate) const MATCHES: &str = "against";

/// What the tables are made of.
pub(crate) struct Matches<'a> {
    pub own: &'a Own<'a>,
    pub scan: &'a Scan,
    pub numbers: &'a Numbers,
    pub earlier: &'a Earlier,
    /// The outcomes of a job in which earlier documents took part.
    pub clusters: &'a Clusters,
}

/// A document that had passed the rules, and the earlier one that it matches.
struct Match {
    row: u64,
    kept: Kept,
    measure: Option<&'static str>,
    similarity: Option<f64>,
}

impl Matches<'_> {
    /// Writes a table for each part, and counts documents by reference.
    pub(crate) fn write(&self, monitor: &mut dyn Monitor) -> Result<BTreeMap<String, u64>> {
        let own = self.own;
        own.layout.fresh_folder(MATCHES)?;
        let tally = Tally::of(own.documents);
        let counted = parallel::map(own.parts.len(), own.params.threads, &tally, monitor, |n| {
            tally.check()?;
            let counts = self.part(n)?;
            tally.add(own.parts[n].documents, 0, 0);
            Ok(counts)
        })?;
        let references = &own.params.against.references;
        let mut counts = references.iter().map(|(name, _)| (name.clone(), 0)).collect();
        for some in counted {
            sum(&mut counts, some);
        }
        Ok(counts)
    }

    fn part(&self, number: usize) -> Result<BTreeMap<String, u64>> {
        let rows = self.own.rows(number);
        let matches: Vec<Match> = self
            .clusters
            .outcomes(rows.clone())?
            .into_iter()
            .filter(|outcome| self.scan.passed.contains(outcome.document))
            .filter_map(earlier)
            .collect();
        let places: Vec<u64> = matches.iter().map(|found| found.row - rows.start).collect();
        let part = &self.own.parts[number];
        let mut columns = Columns::new();
        let mut numbered = Numbered::of(self.numbers, rows)?;
        let annotations = fate::table(self.own.layout, "annotations", part);
        let documents = fate::table(self.own.layout, DOCUMENTS, part);
        let mut ids = Vec::with_capacity(places.len());
        for batch in read_rows(&annotations, Some(&["doc_id"]), &places)? {
            let batch = Rows::new(batch?, &annotations);
            let column = batch.ids("doc_id")?;
            ids.extend((0..batch.len()).map(|row| id_at(column, row)));
        }
        let mut known = matches.iter().zip(ids);
        for batch in read_rows(&documents, Some(&["id"]), &places)? {
            let batch = Rows::new(batch?, &documents);
            let users_ids = batch.strings("id")?;
            for row in 0..batch.len() {
                let (found, id) = known.next().ok_or_else(|| {
                    Error::damaged(&documents, "more rows than there are annotations beside it")
                })?;
                let id = numbered.id(found.row, id);
                let reference = self.reference(found);
                columns.push(
                    id,
                    (self.own.source(number), string_at(users_ids, row)),
                    found,
                    reference,
                );
            }
        }
        let path = self.own.layout.path(format!("{MATCHES}/{}.parquet", part.stem));
        let mut writer = TableWriter::create(&path, tables::against())?;
        writer.write(&columns.finish()?)?;
        writer.finish()?;
        let mut counts = BTreeMap::new();
        for found in &matches {
            *counts.entry(self.reference(found).to_owned()).or_default() += 1;
        }
        Ok(counts)
    }

    fn reference(&self, found: &Match) -> &str {
        self.earlier.name_of(found.kept.document - self.own.documents)
    }
}

/// The match of a document with an earlier one.
fn earlier(outcome: Outcome) -> Option<Match> {
    let (measure, similarity) = proof(outcome.evidence);
    let row = outcome.document;
    outcome.kept.filter(|kept| kept.pinned).map(|kept| Match { row, kept, measure, similarity })
}

/// The columns of a table as they grow.
struct Columns {
    ids: [FixedSizeBinaryBuilder; 2],
    strings: [StringBuilder; 6],
    similarity: Float64Builder,
}

impl Columns {
    fn new() -> Self {
        Self {
            ids: std::array::from_fn(|_| FixedSizeBinaryBuilder::new(ID_BYTES)),
            strings: std::array::from_fn(|_| StringBuilder::new()),
            similarity: Float64Builder::new(),
        }
    }

    fn push(
        &mut self,
        id: DocId,
        (source, users_id): (&str, Option<&str>),
        found: &Match,
        reference: &str,
    ) {
        for (builder, id) in self.ids.iter_mut().zip([id, found.kept.id]) {
            // The width is a constant of the schema, so this cannot fail.
            let _ = builder.append_value(id.to_bytes());
        }
        let (old_source, old_name) = source_and_id(&found.kept.name);
        let values =
            [Some(source), users_id, Some(old_source), old_name, Some(reference), found.measure];
        self.strings.iter_mut().zip(values).for_each(|(b, value)| b.append_option(value));
        self.similarity.append_option(found.similarity);
    }

    fn finish(self) -> Result<RecordBatch> {
        let ([mut doc_id, mut old_id], mut similarity) = (self.ids, self.similarity);
        let [mut source, mut id, mut old_source, mut old_name, mut reference, mut measure] =
            self.strings;
        let columns: Vec<ArrayRef> = vec![
            Arc::new(doc_id.finish()),
            Arc::new(source.finish()),
            Arc::new(id.finish()),
            Arc::new(old_id.finish()),
            Arc::new(old_source.finish()),
            Arc::new(old_name.finish()),
            Arc::new(reference.finish()),
            Arc::new(measure.finish()),
            Arc::new(similarity.finish()),
        ];
        tables::batch(tables::against(), columns)
    }
}
