//! What an index says, held against itself: counts, order, names, gaps, and the hashes of its sections.

use gamayun_text::hash::hash128;

use super::{Problem, in_index, in_section};
use crate::layout::{BLOCK_TOKENS, Section};
use crate::{BlockSpan, Shard};

pub(super) fn structure(shard: &Shard, vocab_size: u32) -> Vec<Problem> {
    let checks = [
        vocabulary(shard, vocab_size),
        ends(shard),
        metas(shard),
        text_bytes(shard),
        blocks(shard),
    ];
    checks.into_iter().flatten().chain(gaps(shard)).collect()
}

fn vocabulary(shard: &Shard, vocab_size: u32) -> Option<Problem> {
    if shard.vocab_size() != vocab_size {
        let what =
            format!("written for a vocabulary of {}, expected {vocab_size}", shard.vocab_size());
        return Some(in_index(shard, 128, what));
    }
    let (largest, eos) = (shard.max_id(), shard.eos());
    (largest >= vocab_size || eos >= vocab_size).then(|| {
        in_index(
            shard,
            132,
            format!("ids {eos} (EOS) and {largest} (largest) are not below {vocab_size}"),
        )
    })
}

fn ends(shard: &Shard) -> Option<Problem> {
    let ends = shard.ends();
    let first = ends.first().filter(|&&end| end == 0).map(|_| 0);
    let place =
        first.or_else(|| ends.windows(2).position(|pair| pair[0] >= pair[1]).map(|i| i + 1))?;
    Some(in_section(
        shard,
        Section::DocEnd,
        place,
        format!("document {place} has no tokens or less"),
    ))
}

fn metas(shard: &Shard) -> Option<Problem> {
    let (languages, sources) = (shard.language_names().len(), shard.source_names().len());
    let place = shard.metas().iter().position(|meta| {
        usize::from(meta.language) >= languages
            || usize::from(meta.source) >= sources
            || meta.flags != 0
    })?;
    let what = format!("document {place} has an unknown language, source or flag");
    Some(in_section(shard, Section::DocMeta, place, what))
}

fn text_bytes(shard: &Shard) -> Option<Problem> {
    let sum: u64 = shard.bytes().iter().copied().map(u64::from).sum();
    let what = || format!("the texts have {sum} bytes, the header says {}", shard.text_bytes());
    (sum != shard.text_bytes()).then(|| in_section(shard, Section::DocBytes, 0, what()))
}

/// Blocks follow one another from 0 and begin where a document begins.
fn blocks(shard: &Shard) -> Option<Problem> {
    let mut next = (0, 0);
    for (i, block) in shard.blocks().enumerate() {
        let begins =
            shard.document(block.documents.start).is_some_and(|d| d.start == block.tokens.start);
        let right = (block.documents.start, block.tokens.start) == next
            && block.documents.start < block.documents.end;
        if !begins || !right || !cut_in_time(shard, &block) {
            let what = format!(
                "block {i} begins at document {}, token {}",
                block.documents.start, block.tokens.start
            );
            return Some(in_section(shard, Section::Blocks, i, what));
        }
        next = (block.documents.end, block.tokens.end);
    }
    let all = (shard.documents(), shard.tokens().len() as u64);
    (next != all)
        .then(|| in_section(shard, Section::Blocks, 0, "blocks do not cover the shard".to_owned()))
}

/// A block ends at the first document end that is far enough from its start; the last one may end earlier.
fn cut_in_time(shard: &Shard, block: &BlockSpan) -> bool {
    let last = block.documents.end == shard.documents();
    let before = block.documents.end.checked_sub(2).filter(|&i| i >= block.documents.start);
    let short = before.and_then(|i| shard.document(i)).map_or(0, |before| before.end);
    let long = block.tokens.end.saturating_sub(block.tokens.start) >= BLOCK_TOKENS;
    (last || long) && short.saturating_sub(block.tokens.start) < BLOCK_TOKENS
}

/// Only zeros lie between sections.
fn gaps(shard: &Shard) -> Vec<Problem> {
    let index = shard.index_bytes();
    let mut ends = vec![160 + 40 * shard.entries().len() as u64];
    ends.extend(shard.entries().iter().map(|entry| entry.offset + entry.bytes));
    let gaps = ends.iter().zip(shard.entries()).filter_map(|(&end, entry)| {
        let gap = index.get(usize::try_from(end).ok()?..usize::try_from(entry.offset).ok()?)?;
        let place = gap.iter().position(|&byte| byte != 0)?;
        Some(in_index(shard, end + place as u64, "a byte between sections is not zero".to_owned()))
    });
    gaps.collect()
}

pub(super) fn section_hashes(shard: &Shard) -> impl Iterator<Item = Problem> {
    shard
        .entries()
        .iter()
        .filter(|entry| hash128(shard.section(entry)).to_be_bytes() != entry.hash)
        .map(|entry| {
            let name = Section::ALL
                .iter()
                .find(|s| s.kind() == entry.kind)
                .map_or("(unknown)", |s| s.name());
            in_index(
                shard,
                entry.offset,
                format!("section {name} of {} bytes does not match its hash", entry.bytes),
            )
        })
}
