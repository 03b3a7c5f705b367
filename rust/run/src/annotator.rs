//! Everything that is said of a document from its text, in one pass while the text is hot in cache.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use arrow_array::builder::{
    FixedSizeBinaryBuilder, Float32Builder, Float64Builder, StringBuilder, UInt32Builder,
    UInt64Builder,
};
use arrow_array::{ArrayRef, RecordBatch};
use gamayun_dedup::Signer;
use gamayun_io::{Record, Rejected};
use gamayun_language::{Model, Score, canonical};
use gamayun_quality::clean::Cleaner;
use gamayun_quality::{
    MEASUREMENTS, Profile, Segmenter, add_lost_letters, c4, measure_in_order, measure_junk,
};
use gamayun_text::shingle::{ShingleScratch, shingles};
use gamayun_text::{DocId, NormaliseCounts, hash, normalise};

use crate::cleaning::{self, KindCounts};
use crate::draft::Draft;
use crate::error::{Error, Result};
use crate::language_rows::{LanguageRows, SEGMENTS};
use crate::listing::{Block, Kept};
use crate::paragraphs::{Languages, ParagraphParams, foreign, languages, paragraphs};
use crate::source::Source;
use crate::tables::{self, ID_BYTES, TOP_LABELS};

/// What annotates documents; shared by all threads.
pub(crate) struct Annotator {
    cleaner: Option<Cleaner>,
    paragraphs: Option<ParagraphParams>,
    model: Option<Model>,
    labels: Vec<String>,
    languages: BTreeSet<String>,
    segmenters: BTreeMap<String, Segmenter>,
    /// Some profile or the cleaner may change texts.
    edits: bool,
    signer: Signer,
    shingle: usize,
    bands: usize,
}

/// A thread's working memory.
#[derive(Default)]
pub(crate) struct Scratch {
    language: gamayun_language::Scratch,
    quality: gamayun_quality::Scratch,
    pub(crate) shingles: ShingleScratch,
    scores: Vec<Score>,
    pub(crate) hashes: Vec<u64>,
    signature: Vec<u32>,
    /// Where shingles are kept.
    pub(crate) block: Option<Block>,
}

/// What dedup needs of a document.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    pub content: u128,
    pub shingles: u32,
    pub keys: Vec<u64>,
}

/// A batch worked on: rows for the tables, and what was rejected.
pub(crate) struct Annotated {
    pub documents: RecordBatch,
    pub annotations: RecordBatch,
    /// What was changed in texts, if anything may be.
    pub cleaning: Option<RecordBatch>,
    /// The languages of paragraphs, if they are looked at.
    pub segments: Option<RecordBatch>,
    pub signed: Vec<Signed>,
    pub rejected: Vec<Rejected>,
    pub through: u64,
    pub text_bytes: u64,
    pub normalised: BTreeMap<&'static str, u64>,
    /// What was changed in texts, by language and kind.
    pub cleaned: KindCounts,
    /// The shingles, where they are kept.
    pub kept: Option<Kept>,
}

/// What an annotator is made of.
pub(crate) struct AnnotatorParams<'a> {
    pub model: Option<&'a std::path::Path>,
    pub languages: &'a [String],
    pub sources: &'a [Source],
    pub dedup: &'a gamayun_dedup::DedupParams,
    pub cleaner: Option<&'a Cleaner>,
    pub paragraphs: Option<ParagraphParams>,
}

impl Annotator {
    pub(crate) fn new(params: &AnnotatorParams<'_>) -> Result<Self> {
        let model = params.model.map(Model::open).transpose()?;
        let labels: Vec<String> = model
            .as_ref()
            .map(|m| m.labels().iter().map(|label| canonical(label).into_owned()).collect())
            .unwrap_or_default();
        let given = params.sources.iter().filter_map(|source| source.language.clone());
        let languages: BTreeSet<String> = params.languages.iter().cloned().collect();
        if let Some(strange) = languages.iter().find(|wanted| {
            model.is_some() && !labels.contains(wanted) && !given.clone().any(|g| g == **wanted)
        }) {
            return Err(Error::Parameter {
                parameter: "langs".into(),
                found: strange.clone(),
                expected: format!(
                    "one of the {} labels of the language model, or of a source",
                    labels.len()
                ),
            });
        }
        let segmenters: BTreeMap<String, Segmenter> = languages
            .iter()
            .cloned()
            .chain(given)
            .map(|language| (language.clone(), Segmenter::for_language(&language)))
            .collect();
        let edits = params.sources.iter().any(|source| source.rules.edit(segmenters.keys()));
        let drops = params.paragraphs.is_some_and(|params| params.drop_foreign);
        let edits = edits || drops || params.cleaner.is_some();
        Ok(Self {
            cleaner: params.cleaner.cloned(),
            paragraphs: params.paragraphs,
            model,
            labels,
            languages,
            segmenters,
            edits,
            signer: Signer::new(params.dedup),
            shingle: params.dedup.shingle(),
            bands: params.dedup.bands(),
        })
    }

    /// The folders of the tables that not every run has.
    pub(crate) fn folders(&self) -> Vec<&'static str> {
        let cleaning = self.edits.then_some(cleaning::CLEANING);
        cleaning.into_iter().chain(self.paragraphs.map(|_| SEGMENTS)).collect()
    }

    /// Annotates a batch of one source.
    pub(crate) fn annotate(
        &self,
        source: &Source,
        input: &str,
        batch: &mut gamayun_io::Batch,
        scratch: &mut Scratch,
    ) -> Result<Annotated> {
        let mut rows = RowBuilders::new(batch.records.len(), batch.text_bytes);
        rows.cleaning = self.edits.then(|| cleaning::Rows::new(batch.records.len()));
        rows.segments = self.paragraphs.map(|_| LanguageRows::new());
        let mut counts = NormaliseCounts::default();
        let mut signed = Vec::with_capacity(batch.records.len());
        let through = last_record(batch);
        let read_bytes = batch.records.iter().map(|record| record.text.len() as u64).sum();
        for record in &batch.records {
            let (text, normalised) = normalise(&record.text);
            counts.add(&normalised);
            let draft = Draft::of(text, &record.text, self.cleaner.as_ref());
            signed.push(self.document(source, input, record, draft, &mut rows, scratch));
        }
        let text_bytes = rows.text_bytes;
        let mut normalised = counts_by_name(&counts, read_bytes);
        let mut cleaned = KindCounts::new();
        if let Some(rows) = &mut rows.cleaning {
            normalised.extend(rows.counts());
            cleaned = std::mem::take(&mut rows.kinds);
        }
        let cleaning = rows.cleaning.take().map(cleaning::Rows::finish).transpose()?;
        if let Some(rows) = &rows.segments {
            normalised.insert("mixed_documents", rows.mixed_documents);
        }
        let segments = rows.segments.take().map(LanguageRows::finish).transpose()?;
        let (documents, annotations) = rows.finish()?;
        Ok(Annotated {
            documents,
            annotations,
            cleaning,
            segments,
            signed,
            rejected: std::mem::take(&mut batch.rejected),
            through,
            text_bytes,
            normalised,
            cleaned,
            kept: None,
        })
    }

    fn document(
        &self,
        source: &Source,
        input: &str,
        record: &Record,
        mut draft: Draft<'_>,
        rows: &mut RowBuilders,
        scratch: &mut Scratch,
    ) -> Signed {
        let language = self.language(source, &draft.text, rows, scratch);
        let wanted = source.language.is_some() || self.languages.contains(&*language);
        if wanted {
            self.look_at_paragraphs(&language, &mut draft, rows, scratch);
            draft.filter_lines(self.cleaner.as_ref(), &language);
            let lot = c4::lot(source.doc_id(record, &draft.text).0);
            let edits = self.measure(source, &language, &draft, lot, rows, scratch);
            draft.apply_c4(&edits);
        } else {
            rows.segments.iter_mut().for_each(|rows| rows.push(&Languages::default()));
            rows.not_measured(0);
        }
        if let Some(rows) = &mut rows.cleaning {
            rows.push(&language, draft.bytes_before, &draft.edits);
        }
        // All that follows sees the text that cleaning and the rules left.
        let text = &*draft.text;
        let content = hash::hash128(text.as_bytes());
        rows.document(source, input, record, text);
        rows.identity(source.doc_id(record, text), content, record);
        rows.sizes(text);
        scratch.hashes.clear();
        if wanted && self.bands > 0 {
            shingles(text, self.shingle, &mut scratch.shingles, &mut scratch.hashes);
        }
        let signed = sign(&self.signer, self.bands, content, scratch);
        rows.shingles.append_value(signed.shingles);
        signed
    }

    /// Scores the text, or takes the language that the source states.
    fn language(
        &self,
        source: &Source,
        text: &str,
        rows: &mut RowBuilders,
        scratch: &mut Scratch,
    ) -> String {
        scratch.scores.clear();
        if source.language.is_none()
            && let Some(model) = &self.model
        {
            model.predict(text, TOP_LABELS, &mut scratch.language, &mut scratch.scores);
        }
        let best = scratch.scores.first().map(|score| &self.labels[score.label as usize]);
        // A text without any feature of the model has no label: `und`, as BCP 47 says it.
        let language =
            source.language.as_ref().or(best).cloned().unwrap_or_else(|| "und".to_owned());
        rows.language(
            &language,
            scratch.scores.iter().map(|s| (self.labels[s.label as usize].as_str(), s.probability)),
        );
        language
    }

    /// Tells the languages of paragraphs, and takes foreign ones out if that is asked for.
    fn look_at_paragraphs(
        &self,
        home: &str,
        draft: &mut Draft<'_>,
        rows: &mut RowBuilders,
        scratch: &mut Scratch,
    ) {
        let (Some(params), Some(model)) = (&self.paragraphs, &self.model) else {
            return rows.segments.iter_mut().for_each(|rows| rows.push(&Languages::default()));
        };
        let names = &self.labels;
        let found = paragraphs(&draft.text, home, model, names, params, &mut scratch.language);
        let told = languages(&found, home, names, params);
        rows.segments.iter_mut().for_each(|rows| rows.push(&told));
        if params.drop_foreign {
            draft.apply(&foreign(&found, home, names));
        }
    }

    /// Measures the text; gives the edits where its profile leaves another.
    fn measure(
        &self,
        source: &Source,
        language: &str,
        draft: &Draft<'_>,
        lot: f64,
        rows: &mut RowBuilders,
        scratch: &mut Scratch,
    ) -> Vec<c4::Edit> {
        let text = &*draft.text;
        let mut words = Vec::with_capacity(text.len() / 6);
        let segmenter = self.segmenters.get(language);
        if let Some(segmenter) = segmenter {
            segmenter.segment(text, &mut words);
        }
        let (Some(profile), Some(segmenter)) = (source.rules.profile(language), segmenter) else {
            rows.not_measured(words.len() as u64);
            return Vec::new();
        };
        let quality = &mut scratch.quality;
        let mut ordered = measure_in_order(text, &words, profile, segmenter, lot, quality);
        if source.rules.judges(language).any(Profile::judges_junk) {
            measure_junk(text, language, quality, &mut ordered.measured);
            add_lost_letters(text, language, &draft.edits, &mut ordered.measured);
        }
        rows.measured(&ordered.measured.values, ordered.words);
        let lines = ordered.lines.filter(|_| ordered.text.is_some());
        lines.map(|lines| lines.edits).unwrap_or_default()
    }
}

/// The band keys of the shingles in the scratch.
pub(crate) fn sign(signer: &Signer, bands: usize, content: u128, scratch: &mut Scratch) -> Signed {
    let mut keys = vec![0; bands];
    scratch.signature.resize(signer.values(), 0);
    if !scratch.hashes.is_empty() {
        signer.sign(&scratch.hashes, &mut scratch.signature);
        signer.band_keys(&scratch.signature, &mut keys);
    }
    Signed { content, shingles: u32::try_from(scratch.hashes.len()).unwrap_or(u32::MAX), keys }
}

/// The hash that orders documents of one id: of their text and of all else that their records say.
pub(crate) fn tie_hash(content: u128, record: &Record) -> u128 {
    hash::hash128_of(&[&content.to_be_bytes(), record.metadata.as_bytes()])
}

pub(crate) fn last_record(batch: &gamayun_io::Batch) -> u64 {
    let kept = batch.records.last().map(|record| record.number);
    let rejected = batch.rejected.iter().filter_map(|rejected| rejected.record).max();
    kept.max(rejected).unwrap_or(0)
}

pub(crate) fn counts_by_name(
    counts: &NormaliseCounts,
    read_bytes: u64,
) -> BTreeMap<&'static str, u64> {
    BTreeMap::from([
        ("text_bytes_before", read_bytes),
        ("composed_documents", counts.nfc),
        ("removed_controls", counts.controls),
        ("mended_line_ends", counts.line_ends),
    ])
}

/// Builders of the rows of a batch, in the order of the columns.
struct RowBuilders {
    text_bytes: u64,
    source: StringBuilder,
    input: StringBuilder,
    record: UInt64Builder,
    id: StringBuilder,
    text: StringBuilder,
    metadata: StringBuilder,
    ids: [FixedSizeBinaryBuilder; 3],
    language: StringBuilder,
    language_score: Float32Builder,
    labels: [StringBuilder; TOP_LABELS],
    scores: [Float32Builder; TOP_LABELS],
    bytes: UInt64Builder,
    characters: UInt64Builder,
    words: UInt64Builder,
    shingles: UInt32Builder,
    measurements: Vec<Float64Builder>,
    cleaning: Option<cleaning::Rows>,
    segments: Option<LanguageRows>,
}

impl RowBuilders {
    fn new(rows: usize, text_bytes: u64) -> Self {
        let strings = |bytes| StringBuilder::with_capacity(rows, bytes);
        let ids = || FixedSizeBinaryBuilder::with_capacity(rows, ID_BYTES);
        Self {
            text_bytes: 0,
            source: strings(rows * 8),
            input: strings(rows * 32),
            record: UInt64Builder::with_capacity(rows),
            id: strings(rows * 32),
            text: strings(usize::try_from(text_bytes).unwrap_or(0)),
            metadata: strings(rows * 64),
            ids: [ids(), ids(), ids()],
            language: strings(rows * 2),
            language_score: Float32Builder::with_capacity(rows),
            labels: std::array::from_fn(|_| strings(rows * 2)),
            scores: std::array::from_fn(|_| Float32Builder::with_capacity(rows)),
            bytes: UInt64Builder::with_capacity(rows),
            characters: UInt64Builder::with_capacity(rows),
            words: UInt64Builder::with_capacity(rows),
            shingles: UInt32Builder::with_capacity(rows),
            measurements: MEASUREMENTS
                .iter()
                .map(|_| Float64Builder::with_capacity(rows))
                .collect(),
            cleaning: None,
            segments: None,
        }
    }

    fn document(&mut self, source: &Source, input: &str, record: &Record, text: &str) {
        self.text_bytes += text.len() as u64;
        self.source.append_value(&source.name);
        self.input.append_value(input);
        self.record.append_value(record.number);
        self.id.append_option(record.id.as_deref());
        self.text.append_value(text);
        self.metadata.append_value(&record.metadata);
    }

    fn identity(&mut self, id: DocId, content: u128, record: &Record) {
        let hashes = [id.0, content, tie_hash(content, record)];
        for (builder, hash) in self.ids.iter_mut().zip(hashes) {
            // The width is a constant of the schema, so this cannot fail.
            let _ = builder.append_value(hash.to_be_bytes());
        }
    }

    fn language<'l>(&mut self, language: &str, scores: impl Iterator<Item = (&'l str, f32)>) {
        self.language.append_value(language);
        let mut scores = scores.map(Some).chain(std::iter::repeat(None));
        for (n, (labels, values)) in self.labels.iter_mut().zip(&mut self.scores).enumerate() {
            let score = scores.next().flatten();
            labels.append_option(score.map(|s| s.0));
            values.append_option(score.map(|s| s.1));
            if n == 0 {
                self.language_score.append_option(score.map(|s| s.1));
            }
        }
    }

    fn sizes(&mut self, text: &str) {
        self.bytes.append_value(text.len() as u64);
        self.characters.append_value(text.chars().count() as u64);
    }

    fn measured(&mut self, values: &[f64], words: u64) {
        self.words.append_value(words);
        for (builder, value) in self.measurements.iter_mut().zip(values) {
            builder.append_option((!value.is_nan()).then_some(*value));
        }
    }

    fn not_measured(&mut self, words: u64) {
        self.words.append_value(words);
        self.measurements.iter_mut().for_each(Float64Builder::append_null);
    }

    fn finish(mut self) -> Result<(RecordBatch, RecordBatch)> {
        let documents: Vec<ArrayRef> = vec![
            Arc::new(self.source.finish()),
            Arc::new(self.input.finish()),
            Arc::new(self.record.finish()),
            Arc::new(self.id.finish()),
            Arc::new(self.text.finish()),
            Arc::new(self.metadata.finish()),
        ];
        let mut annotations: Vec<ArrayRef> = Vec::new();
        for builder in &mut self.ids {
            annotations.push(Arc::new(builder.finish()));
        }
        annotations.push(Arc::new(self.language.finish()));
        annotations.push(Arc::new(self.language_score.finish()));
        for (labels, scores) in self.labels.iter_mut().zip(&mut self.scores) {
            annotations.push(Arc::new(labels.finish()));
            annotations.push(Arc::new(scores.finish()));
        }
        annotations.push(Arc::new(self.bytes.finish()));
        annotations.push(Arc::new(self.characters.finish()));
        annotations.push(Arc::new(self.words.finish()));
        annotations.push(Arc::new(self.shingles.finish()));
        for builder in &mut self.measurements {
            annotations.push(Arc::new(builder.finish()));
        }
        Ok((
            tables::batch(tables::documents(), documents)?,
            tables::batch(tables::annotations(), annotations)?,
        ))
    }
}
