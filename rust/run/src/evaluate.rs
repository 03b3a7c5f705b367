//! How well a tokenizer fits each language of a run, on documents that it was not trained on.

use std::collections::BTreeMap;

use gamayun_bpe::{EncodeScratch, LanguageEval, Tokenizer};
use gamayun_text::Monitor;

use crate::error::Result;
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::selection::files;
use crate::tables::{Rows, for_each_batch};

/// Encodes the documents of a split and sums up by language. Words are rule words, counted when the text was annotated.
pub fn evaluate(
    layout: &Layout,
    tokenizer: &Tokenizer,
    split: &str,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<LanguageEval>> {
    let files = files(layout)?;
    let tally = Tally::of(files.len() as u64);
    let found = parallel::map(files.len(), threads, &tally, monitor, |number| {
        let mut sums = BTreeMap::new();
        let mut scratch = EncodeScratch::default();
        for_each_batch(&files[number], &["language", "split", "words", "text"], |_, rows| {
            tally.check()?;
            add(rows, tokenizer, split, &mut scratch, &mut sums)
        })?;
        tally.add(1, 0, 0);
        Ok(sums)
    })?;
    let mut all: BTreeMap<String, LanguageEval> = BTreeMap::new();
    for (language, sums) in found.into_iter().flatten() {
        all.entry(language.clone())
            .or_insert_with(|| LanguageEval { language, ..LanguageEval::default() })
            .add(&sums);
    }
    Ok(all.into_values().collect())
}

fn add(
    rows: &Rows<'_>,
    tokenizer: &Tokenizer,
    split: &str,
    scratch: &mut EncodeScratch,
    sums: &mut BTreeMap<String, LanguageEval>,
) -> Result<()> {
    let (languages, splits) = (rows.strings("language")?, rows.strings("split")?);
    let (texts, words) = (rows.strings("text")?, rows.u64s("words")?);
    let mut tokens = Vec::new();
    for row in (0..rows.len()).filter(|&row| splits.value(row) == split) {
        let text = texts.value(row);
        tokens.clear();
        tokenizer.encode(text, scratch, &mut tokens)?;
        sums.entry(languages.value(row).to_owned()).or_default().add(&LanguageEval {
            language: String::new(),
            documents: 1,
            bytes: text.len() as u64,
            characters: text.chars().count() as u64,
            words: words.value(row),
            tokens: tokens.len() as u64,
        });
    }
    Ok(())
}
