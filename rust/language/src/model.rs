//! A language model that was read from a file, of fastText's format or our own: text in, labels with probabilities out.

use std::path::Path;

use crate::error::Result;
use crate::fasttext::{self, FastText};
use crate::own::{self, Own, Pair};
use crate::reader::Reader;

/// A language model.
#[derive(Debug)]
pub struct Model(Kind);

#[derive(Debug)]
enum Kind {
    FastText(FastText),
    Own(Own),
}

/// A label's number and its probability.
///
/// As in the official library a probability of a fastText model may exceed 1 by 0.00001.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Score {
    /// The label: an index into [`Model::labels`].
    pub label: u32,
    /// Between 0 and 1.00001.
    pub probability: f32,
}

/// Working memory of [`Model::predict`]: one a thread, for any models in turn.
#[derive(Debug, Default)]
pub struct Scratch {
    fasttext: fasttext::Work,
    own: own::Work,
}

impl Model {
    /// Reads a model file of either format.
    ///
    /// # Errors
    /// A file that cannot be read, is neither a supervised fastText model nor one of ours, is cut short or contradicts
    /// itself.
    pub fn open(path: &Path) -> Result<Self> {
        Self::read(&mut Reader::of_file(path)?)
    }

    /// Reads a model from the bytes of its file; `name` is for messages.
    ///
    /// # Errors
    /// As [`Model::open`].
    pub fn from_bytes(bytes: &[u8], name: &str) -> Result<Self> {
        Self::read(&mut Reader::of_bytes(bytes, name))
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self> {
        if reader.begins_with(own::MAGIC)? {
            return Own::read(reader).map(|model| Self(Kind::Own(model)));
        }
        FastText::read(reader).map(|model| Self(Kind::FastText(model)))
    }

    /// Reads texts whole that are longer than 4 KiB, or, as models of our own do unless told so, stretches of them: 16 of
    /// 256 bytes, between words, spread evenly from the first to the last. Models of fastText read all texts whole.
    #[must_use]
    pub fn reading_whole(mut self, whole: bool) -> Self {
        if let Kind::Own(model) = &mut self.0 {
            model.set_whole(whole);
        }
        self
    }

    /// The labels, of fastText models without their `__label__`, in the order of the file.
    #[must_use]
    pub fn labels(&self) -> &[String] {
        match &self.0 {
            Kind::FastText(model) => model.labels(),
            Kind::Own(model) => model.labels(),
        }
    }

    /// The label of a [`Score`]; empty if there is none of this number.
    #[must_use]
    pub fn label(&self, index: u32) -> &str {
        self.labels().get(index as usize).map_or("", String::as_str)
    }

    /// Puts the `k` most probable labels of a text into `out`, best first.
    ///
    /// A line feed counts as a space. Labels and probabilities of a fastText model are those of the official library,
    /// which with hierarchical softmax leaves out labels below a probability of 0.00001. Nothing is found when a model
    /// knows no feature of the text.
    pub fn predict(&self, text: &str, k: usize, scratch: &mut Scratch, out: &mut Vec<Score>) {
        match &self.0 {
            Kind::FastText(model) => model.predict(text, k, &mut scratch.fasttext, out),
            Kind::Own(model) => model.predict(text, k, &mut scratch.own, out),
        }
    }

    /// The confusable pair that the two best of `scores` are, if the margin between them is too small to trust.
    ///
    /// Models of fastText know no such pairs.
    #[must_use]
    pub fn doubt(&self, scores: &[Score]) -> Option<Pair> {
        match &self.0 {
            Kind::FastText(_) => None,
            Kind::Own(model) => model.pairs().doubt(scores),
        }
    }

    /// The likeliest label of `scores` that their best one is confusable with, if any is among them, and how much less
    /// probable it is than the best one. Nothing where the best one is confusable with no other.
    ///
    /// Models of fastText know no such pairs.
    #[must_use]
    pub fn margin(&self, scores: &[Score]) -> Option<(Option<u32>, f32)> {
        match &self.0 {
            Kind::FastText(_) => None,
            Kind::Own(model) => model.pairs().margin(scores),
        }
    }

    /// The confusable pairs of the model in ascending order.
    #[must_use]
    pub fn pairs(&self) -> &[Pair] {
        match &self.0 {
            Kind::FastText(_) => &[],
            Kind::Own(model) => model.pairs().all(),
        }
    }

    /// What the file says of its licence and of what it was made from; empty for fastText models.
    #[must_use]
    pub fn provenance(&self) -> &str {
        match &self.0 {
            Kind::FastText(_) => "",
            Kind::Own(model) => model.provenance(),
        }
    }
}

impl From<Own> for Model {
    fn from(model: Own) -> Self {
        Self(Kind::Own(model))
    }
}
