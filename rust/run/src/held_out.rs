//! The held-out documents of a selection as a table of pretokens, on which many tokenizers can be measured in no time.

use gamayun_bpe::{Counts, Pattern};
use gamayun_text::Monitor;

use crate::batchwise::batch_pool;
use crate::error::Result;
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::selection::files;
use crate::tables::for_each_batch;

/// Counts the pretokens of the documents held out as `held_out`, such as `validation`, by language.
pub fn count_held_out(
    layout: &Layout,
    held_out: &str,
    split: &Pattern,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Counts> {
    let files = files(layout)?;
    let tally = Tally::of(files.len() as u64);
    let one = batch_pool(1)?;
    let parts = parallel::map(files.len(), threads, &tally, monitor, |number| {
        let mut counts = Counts::new(split.clone());
        for_each_batch(&files[number], &["language", "split", "text"], |_, rows| {
            tally.check()?;
            let (languages, splits) = (rows.strings("language")?, rows.strings("split")?);
            let texts = rows.strings("text")?;
            for row in (0..rows.len()).filter(|&row| splits.value(row) == held_out) {
                counts.add(languages.value(row), &[texts.value(row)], &one)?;
            }
            Ok(())
        })?;
        tally.add(1, 0, 0);
        Ok(counts)
    })?;
    let mut all = Counts::new(split.clone());
    for part in parts {
        all.merge(part)?;
    }
    Ok(all)
}
