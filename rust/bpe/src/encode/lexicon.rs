//! The tokens that merging can make, how each is made last, and which of them may follow each other.
//!
//! Merging is local: what it makes of a part of a text between two boundaries that it never crosses is what it makes of that
//! part alone. So a list of tokens is the encoding of its bytes exactly where each token is what merging makes of its own
//! bytes and each two neighbours are what merging makes of theirs. (If a merge crossed a boundary, the first that does would
//! cross it in the two neighbours alone: until then each of them is merged as if it were alone.) This holds for any ranks.

use crate::encode::bridges::Bridges;
use crate::encode::merge::{MergeScratch, Merged, Ranks};
use crate::encode::pairs::Pairs;
use crate::encode::trie::Trie;
use crate::pair_map::pair;
use crate::vocabulary::Vocabulary;

/// No token.
pub(crate) const NONE: u32 = u32::MAX;

/// A token that merging makes of its own bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Made {
    /// What the last merge joins; of a byte and of an [`Made::ODD`] token nothing.
    left: u32,
    right: u32,
    /// One more than the rank of the last merge; 0 of a byte.
    time: u32,
}

impl Made {
    /// Nothing is known of the token: some merge of it comes after one of a higher rank.
    const ODD: u32 = u32::MAX;
    const NOTHING: Self = Self { left: NONE, right: NONE, time: Self::ODD };
}

/// All tokens that merging can make.
#[derive(Clone, Debug)]
pub(crate) struct Lexicon {
    /// None if the tokens have too many beginnings for it: then all is merged by definition.
    pub(crate) trie: Option<Trie>,
    pub(crate) bridges: Bridges,
    made: Vec<Made>,
    /// The longest token that a token begins with, or [`NONE`].
    shorter: Vec<u32>,
    /// The bytes of each token.
    lens: Vec<u32>,
    pairs: Pairs,
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
    ) -> Self {
        let mut ranks = Ranks::with_capacity(merges.len());
        for (rank, &(left, right, id)) in (0..).zip(merges) {
            *ranks.get_or_insert(pair(left, right), Merged::default()) = Merged { rank, id };
        }
        let mut ids: Vec<u32> = merges.iter().map(|merge| merge.2).chain(*bytes).collect();
        ids.sort_unstable();
        ids.dedup();
        let mut tokens: Vec<(Vec<u8>, u32)> =
            ids.into_iter().map(|id| (vocabulary.written(id), id)).collect();
        // What a token is made of is shorter than the token.
        tokens.sort_unstable_by_key(|(token, _)| token.len());
        let mut lexicon = Self {
            trie: None,
            bridges: Bridges::new(tokens.iter().map(|token| token.0.as_slice())),
            made: vec![Made::NOTHING; vocabulary.len()],
            shorter: vec![NONE; vocabulary.len()],
            lens: vec![0; vocabulary.len()],
            pairs: Pairs::new(merges.iter().map(|&(left, right, _)| (left, right)).collect()),
            bytes: *bytes,
            ranks,
        };
        let mut scratch = MergeScratch::default();
        tokens.retain(|(token, id)| lexicon.add(token, *id, &mut scratch));
        tokens.sort_unstable();
        let sorted: Vec<(&[u8], u32)> =
            tokens.iter().map(|(token, id)| (token.as_slice(), *id)).collect();
        lexicon.trie = Trie::new(&sorted);
        for &(token, id) in &sorted {
            let shorter = lexicon.trie.as_ref().and_then(|trie| trie.shorter(token));
            lexicon.shorter[id as usize] = shorter.map_or(NONE, |found| found.0);
        }
        lexicon
    }

    /// Learns how a token is made; false if merging does not make it of its own bytes.
    fn add(&mut self, token: &[u8], id: u32, scratch: &mut MergeScratch) -> bool {
        let mut ids = Vec::new();
        let last = self.merge(token, scratch, &mut ids);
        if ids != [id] {
            return false;
        }
        self.lens[id as usize] = u32::try_from(token.len()).unwrap_or(u32::MAX);
        let mut made = Made::NOTHING;
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

    /// The bytes of a token.
    #[inline]
    pub(crate) fn len(&self, id: u32) -> usize {
        self.lens[id as usize] as usize
    }

    #[inline]
    fn made(&self, id: u32) -> &Made {
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

    /// Whether no merge crosses the boundary between two tokens at the end of a text.
    ///
    /// Goes back in time from the two: at each moment one symbol ends at the boundary and one begins there. They merge if
    /// their rank comes before that of the merge by which the left or the right one grows; of equal ranks the left one comes
    /// first.
    #[inline]
    pub(crate) fn may_follow(
        &self,
        (left, right): (u32, u32),
        text: &[u8],
        scratch: &mut MergeScratch,
    ) -> bool {
        let (a, b) = (self.made(left), self.made(right));
        if a.time == Made::ODD || b.time == Made::ODD {
            return self.may_follow_by_definition((left, right), text, scratch);
        }
        let (mut x, mut x_time, mut x_right) = (left, a.time, a.right);
        let (mut y, mut y_time, mut y_left) = (right, b.time, b.left);
        // Ranks below this merge: those below the rank by which the left one grows, those up to that of the right one.
        let mut limit = u32::MAX;
        while !self.pairs.merge_below((x, y), limit) {
            // Which one was made last is a toss, so both are reckoned and none is jumped to.
            let left_last = x_time > y_time;
            let (time, part) = if left_last { (x_time, x_right) } else { (y_time, y_left) };
            if time == 0 {
                return true;
            }
            let made = self.made(part);
            limit = limit.min(if left_last { time - 1 } else { time });
            x = if left_last { part } else { x };
            x_time = if left_last { made.time } else { x_time };
            x_right = if left_last { made.right } else { x_right };
            y = if left_last { y } else { part };
            y_time = if left_last { y_time } else { made.time };
            y_left = if left_last { y_left } else { made.left };
        }
        false
    }

    #[cold]
    fn may_follow_by_definition(
        &self,
        (left, right): (u32, u32),
        text: &[u8],
        scratch: &mut MergeScratch,
    ) -> bool {
        let mut ids = Vec::new();
        let both = self.len(left) + self.len(right);
        self.merge(&text[text.len() - both..], scratch, &mut ids);
        ids == [left, right]
    }
}
