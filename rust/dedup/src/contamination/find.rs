//! Items in texts that are in memory: the n-grams of all, then their weights, then the matches.

use gamayun_text::{Monitor, Progress, normalise};
use rayon::prelude::*;

use super::{ContaminationParams, HitScratch, ItemIndex, ItemMatch, ScoreScratch, Scorer};
use crate::Result;

/// Texts that are worked on between two reports to the monitor.
const WAVE: usize = 4096;

/// An item that a text contains.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Found {
    /// The place of the text.
    pub text: u64,
    /// The item, its score and the n-grams that are shared.
    pub matched: ItemMatch,
    /// n-grams of the item.
    pub item_grams: u32,
}

/// The items that texts contain: by text, the best first. Both are normalised as those of a run are.
pub fn find_items(
    texts: &[&str],
    items: &[&str],
    params: ContaminationParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Found>> {
    let items: Vec<_> = items.iter().map(|item| normalise(item).0).collect();
    let items: Vec<&str> = items.iter().map(AsRef::as_ref).collect();
    let index = ItemIndex::new(&items, params)?;
    let pool = crate::threads::pool(threads)?;
    let mut hits: Vec<Vec<u32>> = Vec::with_capacity(texts.len());
    let mut progress = Progress { total: texts.len() as u64, ..Progress::default() };
    for wave in texts.chunks(WAVE) {
        let look = |scratch: &mut HitScratch, text: &&str| {
            index.hits(&normalise(text).0, scratch).to_vec()
        };
        let found = || wave.par_iter().map_init(HitScratch::default, look).collect::<Vec<_>>();
        hits.extend(pool.install(found));
        progress.documents += wave.len() as u64;
        progress.bytes += wave.iter().map(|text| text.len() as u64).sum::<u64>();
        monitor.advance(Progress { done: progress.documents, ..progress })?;
    }
    let mut frequencies = vec![0; index.grams()];
    hits.iter().flatten().for_each(|&gram| frequencies[gram as usize] += 1);
    let scorer = Scorer::new(&index, texts.len() as u64, &frequencies);
    let mut scratch = ScoreScratch::default();
    let mut found = Vec::new();
    for (text, hits) in (0..).zip(&hits) {
        let matches = scorer.matches(hits, &mut scratch).into_iter();
        found.extend(matches.map(|matched| {
            let item_grams = index.item_grams(matched.item);
            Found { text, matched, item_grams }
        }));
    }
    Ok(found)
}
