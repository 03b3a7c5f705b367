//! A fastText model: text in, labels with probabilities out, as the official library gives them.

use crate::buckets::{Buckets, Kept};
use crate::dictionary::Dictionary;
use crate::error::Result;
use crate::features::{self, Features};
use crate::header::Header;
use crate::input::Input;
use crate::lines::{Line, WIDTH};
use crate::model::Score;
use crate::output::{self, Output};
use crate::quantised::Quantised;
use crate::reader::Reader;

/// A supervised fastText model.
#[derive(Debug)]
pub(crate) struct FastText {
    pub(crate) features: Features,
    input: Input,
    output: Output,
    labels: Vec<String>,
    /// Lines of the mean of a text's rows.
    width: usize,
}

/// Working memory of [`FastText::predict`].
#[derive(Debug, Default)]
pub(crate) struct Work {
    features: features::Work,
    hidden: Vec<Line>,
    output: output::Work,
}

impl FastText {
    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self> {
        let header = Header::read(reader)?;
        let (dictionary, pruned) = Dictionary::read(reader)?;
        let kept = match usize::try_from(pruned) {
            Ok(n) => Some(Kept::read(reader, n, header.bucket)?),
            Err(_) => None, // a negative number: not pruned
        };
        let quantised = reader.flag("the quantisation flag")?;
        let words = dictionary.words();
        let (input, buckets) = read_input(reader, &header, words, kept.as_ref(), quantised)?;
        let output_quantised = reader.flag("the output quantisation flag")? && quantised;
        let output = Output::read(reader, &header, dictionary.labels(), output_quantised)?;
        let labels = dictionary.labels().iter().map(|label| label.name.clone()).collect();
        let first = u32::try_from(words).unwrap_or(u32::MAX); // cannot be: it was 31 bits
        let features = Features::new(&header, dictionary, buckets, first);
        Ok(Self { features, input, output, labels, width: header.dim.div_ceil(WIDTH) })
    }

    /// The labels without their `__label__`, in the order of the file.
    pub(crate) fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Puts the `k` most probable labels of a text into `out`, best first.
    ///
    /// The text counts as one line: a line feed is a space. Labels and probabilities are those of the official
    /// library, which with hierarchical softmax leaves out labels below a probability of 0.00001. Nothing is found
    /// when a model knows no feature of the text, not even the end of a line.
    pub(crate) fn predict(&self, text: &str, k: usize, scratch: &mut Work, out: &mut Vec<Score>) {
        out.clear();
        let Work { features, hidden, output } = scratch;
        self.features.rows(text, features);
        if k == 0 || features.rows.is_empty() {
            return;
        }
        hidden.clear();
        hidden.resize(self.width, Line::default());
        self.input.mean(&features.rows, hidden);
        self.output.best(hidden, k, output);
        let best = output.best.sorted();
        out.extend(best.iter().map(|&(log, label)| Score { label, probability: log.exp() }));
    }
}

/// The input matrix with its n-gram rows in the order of their buckets.
fn read_input(
    reader: &mut Reader<'_>,
    header: &Header,
    words: usize,
    kept: Option<&Kept>,
    quantised: bool,
) -> Result<(Input, Buckets)> {
    let ngrams = match kept {
        Some(kept) => kept.len(),
        None if header.has_ngrams() => header.bucket as usize,
        None => 0,
    };
    let short = |reader: &Reader<'_>, rows: usize| {
        let expected = format!("at least {words} words and {ngrams} n-grams");
        Err(reader.malformed("the rows of the input matrix", rows, expected))
    };
    if !quantised {
        if kept.is_some() {
            return Err(reader.malformed("a pruned matrix", "in floats", "quantised"));
        }
        let (input, rows) = Input::read_dense(reader, header.dim)?;
        return if rows < words + ngrams { short(reader, rows) } else { Ok((input, Buckets::All)) };
    }
    let matrix = Quantised::read(reader)?;
    if matrix.dim() != header.dim {
        return Err(reader.malformed("the columns of the input matrix", matrix.dim(), header.dim));
    }
    let rows = matrix.rows();
    if rows < words + ngrams || u32::try_from(rows).is_err() {
        return short(reader, rows);
    }
    let Some(kept) = kept else { return Ok((Input::of_quantised(matrix), Buckets::All)) };
    if let Some(row) = kept.order().find(|&row| words + row >= rows) {
        return Err(reader.malformed("the row of a kept n-gram", row, "a row of the matrix"));
    }
    let order: Vec<usize> = (0..words).chain(kept.order().map(|row| words + row)).collect();
    Ok((Input::of_quantised(matrix.reordered(&order)), kept.buckets(header.bucket)))
}
