//! The tokens that merging can make, how each is made last, and which of them may follow each other.
//!
//! Merging is local: what it makes of a part of a text between two boundaries that it never crosses is what it makes of that
//! part alone. So a list of tokens is the encoding of its bytes exactly where each token is what merging makes of its own
//! bytes and each two neighbours are what merging makes of theirs. (If a merge crossed a boundary, the first that does would
//! cross it in the two neighbours alone: until then each of them is merged as if it were alone.) This holds for any ranks.

use crate::Result;
use crate::encode::merge::{MergeScratch, Merged, Ranks};
use crate::encode::trie::Trie;
use crate::pair_map::pair;
use crate::vocabulary::Vocabulary;

/// No token.
pub(crate) const NONE: u32 = u32::MAX;

/// Bits of the filter for each pair in it.
const BITS_PER_PAIR: usize = 16;

/// A token that merging makes of its own bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    /// What the last merge joins; of a byte and of an [`Made::ODD`] token nothing.
    left: u32,
    right: u32,
    /// One more than the rank of the last merge; 0 of a byte.
    time: u32,
    /// Bytes.
    pub(crate) len: u32,
}

impl Made {
    /// Nothing is known of the token: some merge of it comes after one of a higher rank.
    const ODD: u32 = u32::MAX;
    const NOTHING: Self = Self { left: NONE, right: NONE, time: Self::ODD, len: 0 };
}

/// All tokens that merging can make.
#[derive(Clone, Debug)]
pub(crate) struct Lexicon {
    pub(crate) trie: Trie,
    made: Vec<Made>,
    /// The longest token that a token begins with, or [`NONE`].
    shorter: Vec<u32>,
    /// A bit for the hash of each pair that merges: most pairs that are asked for do not.
    pairs: Vec<u64>,
    /// The id of each byte.
    bytes: [u32; 256],
    ranks: Ranks,
}

impl Lexicon {
    /// The tokens of a vocabulary, given the ids of the bytes and what pairs of ids merge to, in the order of their ranks.
    pub(crate) fn new(
        vocabulary: &Vocabulary,
        bytes: &[u32; 256],
        merges: &[(u32, u32, u32)],
    ) -> Result<Self> {
        let mut ranks = Ranks::with_capacity(merges.len());
        for (rank, &(left, right, id)) in (0..).zip(merges) {
            *ranks.get_or_insert(pair(left, right), Merged::default()) = Merged { rank, id };
        }
        let mut pairs = vec![0; (merges.len() * BITS_PER_PAIR).next_power_of_two().max(64) / 64];
        for &(left, right, _) in merges {
            let bit = bit(left, right, &pairs);
            pairs[bit / 64] |= 1 << (bit % 64);
        }
        let mut ids: Vec<u32> = merges.iter().map(|merge| merge.2).chain(*bytes).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut tokens: Vec<(Vec<u8>, u32)> =
            ids.into_iter().map(|id| (vocabulary.written(id), id)).collect();
        // What a token is made of is shorter than the token.
        tokens.sort_unstable_by_key(|(token, _)| token.len());
        let mut lexicon = Self {
            trie: Trie::new(&[])?,
            made: vec![Made::NOTHING; vocabulary.len()],
            shorter: vec![NONE; vocabulary.len()],
            pairs,
            bytes: *bytes,
            ranks,
        };
        let mut scratch = MergeScratch::default();
        tokens.retain(|(token, id)| lexicon.add(token, *id, &mut scratch));
        tokens.sort_unstable();
        let sorted: Vec<(&[u8], u32)> =
            tokens.iter().map(|(token, id)| (token.as_slice(), *id)).collect();
        lexicon.trie = Trie::new(&sorted)?;
        for &(token, id) in &sorted {
            lexicon.shorter[id as usize] =
                lexicon.trie.shorter(token).map_or(NONE, |found| found.0);
        }
        Ok(lexicon)
    }

    /// Learns how a token is made; false if merging does not make it of its own bytes.
    fn add(&mut self, token: &[u8], id: u32, scratch: &mut MergeScratch) -> bool {
        let mut ids = Vec::new();
        let last = self.merge(token, scratch, &mut ids);
        if ids != [id] {
            return false;
        }
        let len = u32::try_from(token.len()).unwrap_or(u32::MAX);
        let mut made = Made { len, ..Made::NOTHING };
        if let Some((left, right, rank)) = last {
            let before = self.time(left).max(self.time(right));
            if before < rank + 1 {
                (made.left, made.right, made.time) = (left, right, rank + 1);
            }
        } else {
            made.time = 0;
        }
        self.made[id as usize] = made;
        true
    }

    #[inline]
    fn time(&self, id: u32) -> u32 {
        self.made[id as usize].time
    }

    /// The longest token that a token begins with, or [`NONE`].
    pub(crate) fn shorter(&self, id: u32) -> u32 {
        self.shorter[id as usize]
    }

    /// The rank of a pair that merges.
    #[inline]
    fn rank(&self, left: u32, right: u32) -> Option<u32> {
        let bit = bit(left, right, &self.pairs);
        if self.pairs[bit / 64] >> (bit % 64) & 1 == 0 {
            return None;
        }
        self.ranks.get(pair(left, right)).map(|merged| merged.rank)
    }

    #[inline]
    pub(crate) fn made(&self, id: u32) -> &Made {
        &self.made[id as usize]
    }

    /// Appends what merging makes of some bytes, by definition; returns the last merge.
    pub(crate) fn merge(
        &self,
        bytes: &[u8],
        scratch: &mut MergeScratch,
        out: &mut Vec<u32>,
    ) -> Option<(u32, u32, u32)> {
        let ids = bytes.iter().map(|&byte| self.bytes[usize::from(byte)]);
        scratch.merge(ids, &self.ranks, out)
    }

    /// Whether no merge crosses the boundary between two tokens whose bytes together are `bytes`.
    ///
    /// Goes back in time from the two: at each moment one symbol ends at the boundary and one begins there. They merge if
    /// their rank comes before that of the merge by which the left or the right one grows; of equal ranks the left one comes
    /// first.
    #[inline]
    pub(crate) fn may_follow(
        &self,
        (left, right): (u32, u32),
        bytes: &[u8],
        scratch: &mut MergeScratch,
    ) -> bool {
        let (mut x, mut y) = (left, right);
        let (mut a, mut b) = (self.made(x), self.made(y));
        if a.time == Made::ODD || b.time == Made::ODD {
            return self.may_follow_by_definition((left, right), bytes, scratch);
        }
        let (mut left_grows, mut right_grows) = (u32::MAX, u32::MAX);
        loop {
            if let Some(rank) = self.rank(x, y)
                && rank + 1 < left_grows
                && rank < right_grows
            {
                return false;
            }
            if a.time > b.time {
                (left_grows, x) = (a.time, a.right);
                a = self.made(x);
            } else if b.time > 0 {
                (right_grows, y) = (b.time, b.left);
                b = self.made(y);
            } else {
                return true;
            }
        }
    }

    #[cold]
    fn may_follow_by_definition(
        &self,
        (left, right): (u32, u32),
        bytes: &[u8],
        scratch: &mut MergeScratch,
    ) -> bool {
        let mut ids = Vec::new();
        self.merge(bytes, scratch, &mut ids);
        ids == [left, right]
    }
}

#[inline]
#[expect(clippy::cast_possible_truncation, reason = "the mask keeps less than a usize")]
fn bit(left: u32, right: u32, bits: &[u64]) -> usize {
    // One multiplication: what is asked for is close at hand, and a hash that mixes well would cost more than it saves.
    let hash = pair(left, right).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    (hash ^ hash >> 32) as usize & (bits.len() * 64 - 1)
}
