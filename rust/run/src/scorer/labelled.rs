//! Good and bad documents from files, and which of them are held out.

use gamayun_io::{Batch, find_inputs, open};
use gamayun_quality::Segmenter;
use gamayun_text::hash::{hash64, mix64};
use gamayun_text::{Monitor, Progress, normalise};

use crate::error::{Error, Result};
use crate::scorer::runner::spaced_words;
use crate::source::Source;

/// Bytes of text that are read at once.
const BATCH_BYTES: usize = 4 << 20;
/// Records that are read at once.
const BATCH_RECORDS: usize = 1 << 16;

/// Which documents are good and which are bad, and how they are read.
#[derive(Clone, Debug)]
pub struct LabelledParams {
    /// Where good documents come from.
    pub positive: Vec<Source>,
    /// Where bad documents come from.
    pub negative: Vec<Source>,
    /// The language whose segmenter puts spaces between words; none: words are what spaces separate.
    pub words_of: Option<String>,
}

/// Documents of both kinds, normalised, in an order that follows from their texts.
#[derive(Debug, Default)]
pub(crate) struct Labelled {
    pub(crate) documents: Vec<Document>,
    /// Records that could not be read.
    pub(crate) rejected: u64,
    /// Documents that came before, with the same label.
    pub(crate) repeated: u64,
}

/// A document and what is known of it.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) hash: u64,
    pub(crate) good: bool,
    /// With spaces between words, where a segmenter puts them.
    pub(crate) text: String,
    /// Of the text before that.
    pub(crate) bytes: u64,
}

impl Document {
    /// Whether the document is kept from training: by a hash of its text, so that copies stay together.
    #[expect(clippy::cast_precision_loss, reason = "53 bits of a hash")]
    pub(crate) fn is_held_out(&self, share: f64, seed: u64) -> bool {
        ((mix64(self.hash, seed) >> 11) as f64) < share * (1_u64 << 53) as f64
    }
}

/// Reads all documents; progress is in bytes of the files.
pub(crate) fn read(params: &LabelledParams, monitor: &mut dyn Monitor) -> Result<Labelled> {
    let segmenter = params.words_of.as_deref().map(Segmenter::for_language);
    let mut labelled = Labelled::default();
    let mut inputs = Vec::new();
    for (good, sources) in [(true, &params.positive), (false, &params.negative)] {
        for source in sources {
            for path in &source.paths {
                let found = find_inputs(path, &source.read)?.into_iter();
                inputs.extend(found.map(|input| (good, source, input)));
            }
        }
    }
    let total = inputs.iter().map(|(.., input)| input.bytes).sum();
    let mut progress = Progress { total, ..Progress::default() };
    let mut room = String::new();
    for (good, source, input) in inputs {
        let (mut reader, mut batch) = (open(&input, &source.read)?, Batch::default());
        let before = progress.done;
        let mut more = true;
        while more {
            more = reader.read(&mut batch, BATCH_BYTES, BATCH_RECORDS)?;
            for record in &batch.records {
                let (text, _) = normalise(&record.text);
                labelled.documents.push(Document {
                    hash: hash64(text.as_bytes()),
                    good,
                    bytes: text.len() as u64,
                    text: spaced_words(segmenter.as_ref(), &text, &mut room).into_owned(),
                });
            }
            labelled.rejected += batch.rejected.len() as u64;
            progress.done = (before + reader.position()).min(total);
            progress.documents += batch.records.len() as u64;
            progress.bytes += batch.text_bytes;
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
    }
    labelled.settle();
    Ok(labelled)
}

impl Labelled {
    /// Orders the documents, and leaves one of those that say the same.
    fn settle(&mut self) {
        let read = self.documents.len();
        self.documents.sort_by(|a, b| (a.hash, a.good, &a.text).cmp(&(b.hash, b.good, &b.text)));
        self.documents.dedup_by(|a, b| a.good == b.good && a.text == b.text);
        self.repeated = (read - self.documents.len()) as u64;
    }
}
