//! What is kept of a document where only a list of removals is made: who it is, its band keys, and no text.

use std::sync::Arc;

use arrow_array::builder::{FixedSizeBinaryBuilder, Float32Builder, StringBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use gamayun_dedup::{DedupParams, Signer};
use gamayun_io::Record;
use gamayun_text::shingle::shingles;
use gamayun_text::{NormaliseCounts, hash, normalise};

use super::shelf::Shelf;
use crate::annotator::{Annotated, Scratch, counts_by_name, last_record, sign, tie_hash};
use crate::cleaning::KindCounts;
use crate::error::Result;
use crate::source::Source;
use crate::tables::{self, ID_BYTES};

/// Signs documents; shared by all threads.
pub(crate) struct Lister {
    signer: Signer,
    shingle: usize,
    bands: usize,
    metadata: bool,
    shelf: Arc<Shelf>,
}

impl Lister {
    /// Keeps the other fields of records if the survivor order needs them, and shingles on the shelf.
    pub(crate) fn new(dedup: &DedupParams, metadata: bool, shelf: Arc<Shelf>) -> Self {
        let (shingle, bands) = (dedup.shingle(), dedup.bands());
        Self { signer: Signer::new(dedup), shingle, bands, metadata, shelf }
    }

    pub(crate) fn shelf(&self) -> Arc<Shelf> {
        Arc::clone(&self.shelf)
    }

    /// Lists a batch of one source.
    pub(crate) fn list(
        &self,
        source: &Source,
        batch: &mut gamayun_io::Batch,
        scratch: &mut Scratch,
    ) -> Result<Annotated> {
        let mut rows = Rows::new(self.metadata);
        let mut counts = NormaliseCounts::default();
        let mut signed = Vec::with_capacity(batch.records.len());
        let mut kept = self.shelf.begin(&mut scratch.block);
        let (mut text_bytes, mut read_bytes) = (0, 0);
        for record in &batch.records {
            let (text, normalised) = normalise(&record.text);
            counts.add(&normalised);
            read_bytes += record.text.len() as u64;
            text_bytes += text.len() as u64;
            let content = hash::hash128(text.as_bytes());
            rows.push(source, record, &text, content);
            scratch.hashes.clear();
            if self.bands > 0 {
                shingles(&text, self.shingle, &mut scratch.shingles, &mut scratch.hashes);
            }
            signed.push(sign(&self.signer, self.bands, content, scratch));
            kept = kept.and_then(|kept| self.shelf.push(kept, &scratch.hashes, &mut scratch.block));
        }
        let through = last_record(batch);
        let (documents, annotations) = rows.finish()?;
        Ok(Annotated {
            documents,
            annotations,
            cleaning: None,
            segments: None,
            signed,
            rejected: std::mem::take(&mut batch.rejected),
            through,
            text_bytes,
            normalised: counts_by_name(&counts, read_bytes),
            cleaned: KindCounts::new(),
            kept,
        })
    }
}

/// The rows of a batch as they grow.
struct Rows {
    record: UInt64Builder,
    id: StringBuilder,
    metadata: Option<StringBuilder>,
    hashes: [FixedSizeBinaryBuilder; 2],
    scores: Float32Builder,
    bytes: UInt64Builder,
}

impl Rows {
    fn new(metadata: bool) -> Self {
        Self {
            record: UInt64Builder::new(),
            id: StringBuilder::new(),
            metadata: metadata.then(StringBuilder::new),
            hashes: std::array::from_fn(|_| FixedSizeBinaryBuilder::new(ID_BYTES)),
            scores: Float32Builder::new(),
            bytes: UInt64Builder::new(),
        }
    }

    fn push(&mut self, source: &Source, record: &Record, text: &str, content: u128) {
        let id = source.doc_id(record, text);
        self.record.append_value(record.number);
        self.id.append_option(record.id.as_deref());
        if let Some(metadata) = &mut self.metadata {
            metadata.append_value(&record.metadata);
        }
        for (builder, hash) in self.hashes.iter_mut().zip([id.0, tie_hash(content, record)]) {
            // The width is a constant of the schema, so this cannot fail.
            let _ = builder.append_value(hash.to_be_bytes());
        }
        self.scores.append_null();
        self.bytes.append_value(text.len() as u64);
    }

    fn finish(mut self) -> Result<(RecordBatch, RecordBatch)> {
        let mut documents: Vec<ArrayRef> =
            vec![Arc::new(self.record.finish()), Arc::new(self.id.finish())];
        let schema = tables::listed_documents(self.metadata.is_some());
        if let Some(mut metadata) = self.metadata {
            documents.push(Arc::new(metadata.finish()));
        }
        let [mut ids, mut ties] = self.hashes;
        let annotations: Vec<ArrayRef> = vec![
            Arc::new(ids.finish()),
            Arc::new(ties.finish()),
            Arc::new(self.scores.finish()),
            Arc::new(self.bytes.finish()),
        ];
        Ok((
            tables::batch(schema, documents)?,
            tables::batch(tables::listed_annotations(), annotations)?,
        ))
    }
}
