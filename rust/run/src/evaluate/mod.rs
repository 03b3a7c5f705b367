//! How well tokenizers fit each language: on documents of a run, on files, or on texts at hand.

mod evaluator;
mod files;
mod outcome;

use std::sync::Arc;

use gamayun_bpe::Tokenizer;
use gamayun_text::{DocId, Monitor, Progress};

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::selection::files as selected;
use crate::tables::{Rows, for_each_batch};

use evaluator::{Document, Evaluator};
pub use files::{EvaluatedFile, evaluate_files};
pub use outcome::{LanguageOutcome, Outcome, TokenPlace};

/// Measures tokenizers on the documents of a split of a run; one outcome each.
pub fn evaluate(
    layout: &Layout,
    tokenizers: &[Arc<Tokenizer>],
    split: &str,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Outcome>> {
    let files = selected(layout)?;
    let mut evaluator = Evaluator::new(tokenizers, threads)?;
    let mut progress = Progress { total: files.len() as u64, ..Progress::default() };
    let columns = ["doc_id", "source", "language", "split", "text"];
    for path in &files {
        for_each_batch(path, &columns, |_, rows| {
            let texts = texts_of(rows, split)?;
            evaluator.add(&texts)?;
            progress.documents += texts.len() as u64;
            progress.bytes += texts.iter().map(|one| one.text.len() as u64).sum::<u64>();
            monitor.advance(progress).map_err(|_| Error::Interrupted)
        })?;
        progress.done += 1;
    }
    Ok(evaluator.finish())
}

/// Measures tokenizers on texts by language; one outcome each.
pub fn evaluate_texts(
    texts: &[(&str, Vec<&str>)],
    tokenizers: &[Arc<Tokenizer>],
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Outcome>> {
    const AT_ONCE: usize = 4096;
    let mut evaluator = Evaluator::new(tokenizers, threads)?;
    let total = texts.iter().map(|(_, mine)| mine.len() as u64).sum();
    let mut progress = Progress { total, ..Progress::default() };
    for (language, mine) in texts {
        for some in mine.chunks(AT_ONCE) {
            let texts: Vec<_> = some
                .iter()
                .map(|&text| Document {
                    language,
                    source: "",
                    id: DocId::of_text("", text).0,
                    text,
                })
                .collect();
            evaluator.add(&texts)?;
            progress.done += some.len() as u64;
            progress.documents = progress.done;
            monitor.advance(progress).map_err(|_| Error::Interrupted)?;
        }
    }
    Ok(evaluator.finish())
}

fn texts_of<'r>(rows: &'r Rows<'_>, split: &str) -> Result<Vec<Document<'r>>> {
    let (ids, sources) = (rows.ids("doc_id")?, rows.strings("source")?);
    let (languages, splits) = (rows.strings("language")?, rows.strings("split")?);
    let texts = rows.strings("text")?;
    let mut found = Vec::new();
    for row in (0..rows.len()).filter(|&row| splits.value(row) == split) {
        found.push(Document {
            language: languages.value(row),
            source: sources.value(row),
            id: ids.value(row).try_into().map_or(0, u128::from_be_bytes),
            text: texts.value(row),
        });
    }
    Ok(found)
}
