//! The settings at the front of a model file.

use crate::error::{Error, Result};
use crate::reader::Reader;

pub(crate) const MAGIC: i32 = 793_712_314;
/// Longest character or word n-gram that is run: real models stay below 10, and time grows with it.
const MAX_N: i32 = 64;

/// How the output layer turns sums into probabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Loss {
    HierarchicalSoftmax,
    /// Negative sampling and one-versus-all: a sigmoid for each label.
    Sigmoid,
    Softmax,
}

/// What a model must know of its training to be run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Header {
    pub(crate) dim: usize,
    pub(crate) loss: Loss,
    /// Word n-grams up to this length are features; 1: words only.
    pub(crate) word_ngrams: usize,
    /// Shortest and longest character n-gram; `max_n` 0: none.
    pub(crate) min_n: usize,
    pub(crate) max_n: usize,
    /// N-grams are hashed into this many buckets.
    pub(crate) bucket: u32,
}

impl Header {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let magic = reader.i32("the magic number")?;
        if magic != MAGIC {
            let (name, found) = (reader.name().to_owned(), magic.cast_unsigned());
            return Err(Error::NotAModel { name, found });
        }
        let version = reader.i32("the version")?;
        if !(11..=12).contains(&version) {
            return Err(Error::Version { name: reader.name().to_owned(), found: version });
        }
        let mut header = Self::read_settings(reader)?;
        if version == 11 {
            // Supervised models of that version had no character n-grams, whatever they say.
            header.max_n = 0;
        }
        if header.has_ngrams() && header.bucket == 0 {
            return Err(reader.malformed("the number of buckets", 0, "1 or more with n-grams"));
        }
        Ok(header)
    }

    fn read_settings(reader: &mut Reader<'_>) -> Result<Self> {
        let dim = reader.count("dim")?;
        for what in ["ws", "epoch", "minCount", "neg"] {
            reader.i32(what)?;
        }
        let word_ngrams = ngram_length(reader, "wordNgrams")?;
        let loss = match reader.i32("loss")? {
            1 => Loss::HierarchicalSoftmax,
            2 | 4 => Loss::Sigmoid,
            3 => Loss::Softmax,
            other => return Err(reader.malformed("loss", other, "1 (hs), 2 (ns), 3 or 4 (ova)")),
        };
        let kind = reader.i32("model")?;
        if kind != 3 {
            return Err(reader.malformed("model", kind, "3: only supervised models have labels"));
        }
        let bucket = reader.count("bucket")?;
        let bucket = u32::try_from(bucket).unwrap_or(u32::MAX); // cannot be: it was 31 bits
        let min_n = ngram_length(reader, "minn")?;
        let max_n = ngram_length(reader, "maxn")?;
        reader.i32("lrUpdateRate")?;
        reader.i64("t")?;
        Ok(Self { dim, loss, word_ngrams, min_n, max_n, bucket })
    }

    /// Whether any n-gram becomes a feature.
    pub(crate) fn has_ngrams(&self) -> bool {
        self.max_n > 0 || self.word_ngrams > 1
    }
}

fn ngram_length(reader: &mut Reader<'_>, what: &'static str) -> Result<usize> {
    let n = reader.i32(what)?;
    if n > MAX_N {
        return Err(reader.malformed(what, n, format_args!("at most {MAX_N}")));
    }
    Ok(usize::try_from(n).unwrap_or(0))
}
