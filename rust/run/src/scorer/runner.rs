//! A classifier at work: a text to the probability of one of its labels.

use std::borrow::Cow;
use std::path::Path;

use gamayun_language::{Model, Score, Scratch};
use gamayun_quality::Segmenter;
use rayon::prelude::*;

use crate::batchwise::batch_pool;
use crate::error::{Error, Result};

/// A model, the label whose probability is the score, and how words are told apart.
#[derive(Debug)]
pub struct Scorer {
    model: Model,
    label: u32,
    segmenter: Option<Segmenter>,
}

/// A thread's working memory.
#[derive(Debug, Default)]
pub struct ScorerScratch {
    model: Scratch,
    scores: Vec<Score>,
    text: String,
}

impl Scorer {
    /// Opens a model. `words_of` is the language whose segmenter puts spaces between words before the model sees the
    /// text; without it words are what spaces separate, as the official library has it.
    pub fn open(path: &Path, label: &str, words_of: Option<&str>) -> Result<Self> {
        Self::of(Model::open(path)?, label, words_of)
    }

    pub(crate) fn of(model: Model, label: &str, words_of: Option<&str>) -> Result<Self> {
        let found = model.labels().iter().position(|name| name == label);
        let Some(place) = found.and_then(|place| u32::try_from(place).ok()) else {
            let labels = model.labels().iter().take(20).cloned().collect::<Vec<_>>().join(", ");
            return Err(Error::Parameter {
                parameter: "label".into(),
                found: label.to_owned(),
                expected: format!("one of {labels}"),
            });
        };
        let segmenter = words_of.map(Segmenter::for_language);
        Ok(Self { model, label: place, segmenter })
    }

    /// The probability of the label, at most 1; none for a text without any feature of the model.
    pub fn score(&self, text: &str, scratch: &mut ScorerScratch) -> Option<f32> {
        let ScorerScratch { model, scores, text: spaced } = scratch;
        let text = spaced_words(self.segmenter.as_ref(), text, spaced);
        self.model.predict(&text, self.model.labels().len(), model, scores);
        if scores.is_empty() {
            return None;
        }
        // Hierarchical softmax leaves out labels of hardly any probability.
        let of_label = scores.iter().find(|score| score.label == self.label);
        Some(of_label.map_or(0.0, |score| score.probability.min(1.0)))
    }
}

impl Scorer {
    /// The scores of texts, in their order.
    pub fn score_texts(&self, texts: &[&str], threads: usize) -> Result<Vec<Option<f32>>> {
        let one = |scratch: &mut ScorerScratch, text: &&str| self.score(text, scratch);
        let pool = batch_pool(threads)?;
        Ok(pool.install(|| texts.par_iter().map_init(ScorerScratch::default, one).collect()))
    }
}

/// The words of a text with a space between each two; the text itself without a segmenter.
pub(crate) fn spaced_words<'a>(
    segmenter: Option<&Segmenter>,
    text: &'a str,
    room: &'a mut String,
) -> Cow<'a, str> {
    let Some(segmenter) = segmenter else { return Cow::Borrowed(text) };
    let mut words = Vec::with_capacity(text.len() / 4);
    segmenter.segment(text, &mut words);
    room.clear();
    for word in &words {
        room.push_str(word);
        room.push(' ');
    }
    Cow::Borrowed(room)
}
