//! One pass over a payload, block by block: hashes of the blocks, of the file, and every token.

use gamayun_text::hash::hash128;
use gamayun_text::{Monitor, Progress};
use sha2::{Digest, Sha256};

use super::{Level, Problem, in_index, in_payload};
use crate::receipt::hex;
use crate::{BlockSpan, Result, Shard, Tokens};

/// Ids that are looked at together: their counts fit 16 bits.
const STRIDE: usize = 1 << 12;

/// What is wrong with the payload. Each block is read from memory once and worked on while it is in the cache.
pub(super) fn check(
    shard: &Shard,
    level: Level,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Problem>> {
    let mut pass = Pass { shard, tokens: level >= Level::Tokens, ..Pass::of(shard) };
    for (i, block) in shard.blocks().enumerate() {
        pass.block(i, &block);
        let total = pass.size;
        monitor.advance(Progress { done: pass.done, total, ..Progress::default() })?;
    }
    Ok(pass.finish())
}

struct Pass<'a> {
    shard: &'a Shard,
    tokens: bool,
    size: u64,
    done: u64,
    largest: u32,
    sha256: Sha256,
    problems: Vec<Problem>,
}

impl<'a> Pass<'a> {
    fn of(shard: &'a Shard) -> Self {
        let size = shard.tokens().as_bytes().len() as u64;
        let (sha256, problems) = (Sha256::new(), Vec::new());
        Self { shard, tokens: true, size, done: 0, largest: 0, sha256, problems }
    }

    fn block(&mut self, i: usize, block: &BlockSpan) {
        let tokens = block_tokens(self.shard, block);
        let bytes = tokens.map_or(&[][..], Tokens::as_bytes);
        if tokens.is_none() || hash128(bytes) != block.hash {
            let (t, d) = (&block.tokens, &block.documents);
            let what = format!(
                "block {i} (tokens {}..{}, documents {}..{}) does not match its hash",
                t.start, t.end, d.start, d.end
            );
            self.problems.push(in_payload(self.shard, t.start, what));
        }
        if let Some(ids) = tokens.filter(|_| self.tokens) {
            self.sha256.update(bytes);
            let (largest, ends) = survey(ids, self.shard.eos());
            self.largest = self.largest.max(largest);
            self.problems.extend(outside_vocabulary(self.shard, block, ids, largest));
            self.problems.extend(misplaced_end(self.shard, block, ends));
        }
        self.done += bytes.len() as u64;
    }

    fn finish(mut self) -> Vec<Problem> {
        let found = hex(&self.sha256.finalize());
        let said = hex(&self.shard.bin_sha256());
        // Blocks that do not cover the payload are named already.
        if self.tokens && self.done == self.size && self.problems.is_empty() {
            if found != said {
                let what = format!("sha256 is {found}, but the index says {said}");
                self.problems.push(in_payload(self.shard, 0, what));
            }
            if self.largest != self.shard.max_id() {
                let what = format!(
                    "largest id {}, but the payload has {}",
                    self.shard.max_id(),
                    self.largest
                );
                self.problems.push(in_index(self.shard, 136, what));
            }
        }
        self.problems
    }
}

fn block_tokens<'a>(shard: &'a Shard, block: &BlockSpan) -> Option<Tokens<'a>> {
    let (start, end) =
        (usize::try_from(block.tokens.start).ok()?, usize::try_from(block.tokens.end).ok()?);
    shard.tokens().slice(start..end)
}

/// The largest id, and how often `eos` is among them.
fn survey(ids: Tokens<'_>, eos: u32) -> (u32, u64) {
    match ids {
        Tokens::U16(ids) => {
            // An EOS above 16 bits is nowhere; no id is above its width.
            let eos = u16::try_from(eos).ok();
            ids.chunks(STRIDE).fold((0, 0), |(largest, ends), stride| {
                let top = stride.iter().fold(0, |top, &id| id.max(top));
                let found: u16 =
                    eos.map_or(0, |eos| stride.iter().map(|&id| u16::from(id == eos)).sum::<u16>());
                (largest.max(top.into()), ends + u64::from(found))
            })
        }
        Tokens::U32(ids) => ids.chunks(STRIDE).fold((0, 0), |(largest, ends), stride| {
            let top = stride.iter().fold(0, |top, &id| id.max(top));
            let found: u32 = stride.iter().map(|&id| u32::from(id == eos)).sum();
            (largest.max(top), ends + u64::from(found))
        }),
    }
}

fn outside_vocabulary(
    shard: &Shard,
    block: &BlockSpan,
    ids: Tokens<'_>,
    largest: u32,
) -> Option<Problem> {
    let limit = shard.vocab_size().min(shard.max_id().saturating_add(1));
    if largest < limit {
        return None;
    }
    let place = ids.position(|id| id >= limit)?;
    let what = format!("token {} is not below {limit}", ids.get(place).unwrap_or_default());
    Some(in_payload(shard, block.tokens.start + place as u64, what))
}

/// The first document of the block that does not end with EOS, or has it before its end. There is none if all end with it
/// and the block has no more of it than documents.
fn misplaced_end(shard: &Shard, block: &BlockSpan, ends: u64) -> Option<Problem> {
    let all = shard.tokens();
    let (first, last) =
        (usize::try_from(block.documents.start).ok()?, usize::try_from(block.documents.end).ok()?);
    let right = ends == block.documents.end.saturating_sub(block.documents.start)
        && shard.ends().get(first..last)?.iter().all(|&end| {
            let place = usize::try_from(end).ok().and_then(|end| end.checked_sub(1));
            place.and_then(|place| all.get(place)) == Some(shard.eos())
        });
    if right { None } else { block.documents.clone().find_map(|i| misplaced_eos(shard, i)) }
}

fn misplaced_eos(shard: &Shard, i: u64) -> Option<Problem> {
    let (range, ids, eos) = (shard.document(i)?, shard.document_tokens(i)?, shard.eos());
    let place = ids.position(|id| id == eos);
    if place.is_some_and(|place| place + 1 == ids.len()) {
        return None;
    }
    let what = match place {
        None => format!("document {i} does not end with the end-of-sequence token {eos}"),
        Some(_) => format!("document {i} has the end-of-sequence token {eos} before its end"),
    };
    let place = place.map_or(range.end.saturating_sub(1), |place| range.start + place as u64);
    Some(in_payload(shard, place, what))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// The twin: one id after the other.
        #[test]
        fn ids_are_surveyed(ids in prop::collection::vec(0u16..9, 0..9000), eos in 0u32..9) {
            let wide: Vec<u32> = ids.iter().copied().map(u32::from).collect();
            let largest = wide.iter().copied().max().unwrap_or(0);
            let ends = wide.iter().filter(|&&id| id == eos).count() as u64;
            prop_assert_eq!(survey(Tokens::U16(&ids), eos), (largest, ends));
            prop_assert_eq!(survey(Tokens::U32(&wide), eos), (largest, ends));
        }
    }
}
