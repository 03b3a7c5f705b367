//! One text under one tokenizer: its tokens, and how many of its words stay whole.

use crate::key::offset;
use crate::{EncodeScratch, Result, Tokenizer};

/// What a tokenizer makes of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Tokens.
    pub tokens: u64,
    /// Words that no token begins inside of.
    pub whole_words: u64,
    /// Each id that occurs, and how often; in the order of its first occurrence.
    pub counts: Vec<(u32, u32)>,
}

/// Room to measure in. Made once per thread and tokenizer.
#[derive(Clone, Debug, Default)]
pub struct MeasureScratch {
    encode: EncodeScratch,
    ids: Vec<u32>,
    tally: Vec<u32>,
}

/// Encodes a text and looks which of its words are cut.
///
/// `words` are parts of `text`, in order and apart from each other. The text is taken as the tokenizer sees it: see
/// [`Tokenizer::normalised`].
pub fn measure(
    tokenizer: &Tokenizer,
    text: &str,
    words: &[&str],
    scratch: &mut MeasureScratch,
) -> Result<Measured> {
    scratch.ids.clear();
    tokenizer.encode(text, &mut scratch.encode, &mut scratch.ids)?;
    let spans = words.iter().map(|word| {
        let start = offset(text, word);
        (start, start + word.len())
    });
    Ok(Measured {
        tokens: scratch.ids.len() as u64,
        whole_words: whole(tokenizer, &scratch.ids, spans),
        counts: tally(&scratch.ids, &mut scratch.tally),
    })
}

/// Counts the spans that no token begins inside of.
fn whole(tokenizer: &Tokenizer, ids: &[u32], spans: impl Iterator<Item = (usize, usize)>) -> u64 {
    let mut starts = ids.iter().scan(0, |at, &id| {
        let start = *at;
        *at += tokenizer.token_bytes(id).map_or(0, <[u8]>::len);
        Some(start)
    });
    let mut next = starts.next();
    let mut whole = 0;
    for (start, end) in spans {
        while next.is_some_and(|at| at <= start) {
            next = starts.next();
        }
        whole += u64::from(next.is_none_or(|at| at >= end));
    }
    whole
}

/// How often each id occurs; `tally` is all zero before and after.
fn tally(ids: &[u32], tally: &mut Vec<u32>) -> Vec<(u32, u32)> {
    let mut found = Vec::new();
    for &id in ids {
        let at = id as usize;
        if at >= tally.len() {
            tally.resize(at + 1, 0);
        }
        if tally[at] == 0 {
            found.push((id, 0));
        }
        tally[at] += 1;
    }
    for (id, count) in &mut found {
        *count = std::mem::take(&mut tally[*id as usize]);
    }
    found
}
