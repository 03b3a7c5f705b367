//! The tokens of a text from left to right: the longest that may follow, and back where that was wrong.
//!
//! There is one list of tokens of which each two neighbours may follow each other, the encoding. So a place of the text is
//! come to with one list only, and a place that the walk had to go back from need not be tried again: each place is tried
//! once, whatever the text. After van Antwerpen and Neubeck, "So many tokens, so little time" (GitHub, 2024).

use crate::encode::lexicon::{Lexicon, NONE};
use crate::encode::merge::MergeScratch;

/// Room to walk in.
#[derive(Clone, Debug, Default)]
pub(crate) struct WalkScratch {
    /// A bit for each place that nothing follows from.
    dead: Vec<u64>,
    merge: MergeScratch,
}

impl Lexicon {
    /// Appends the tokens of a text without boundaries, in time linear in its length.
    pub(crate) fn walk(&self, text: &[u8], scratch: &mut WalkScratch, out: &mut Vec<u32>) {
        let Some(trie) = &self.trie else {
            self.merge(text, &mut scratch.merge, out);
            return;
        };
        let start = out.len();
        scratch.dead.clear();
        let (mut at, mut last) = (0, NONE);
        let mut longest = trie.longest(text);
        while let Some((mut next, len)) = longest {
            let mut end = at + len;
            // The first of the tokens that begin here, from the longest on, that may follow.
            while scratch.is_dead(end) || !self.fits((last, next), &text[..end], scratch) {
                next = self.shorter(next);
                while next == NONE {
                    if out.len() <= start {
                        return;
                    }
                    scratch.kill(at, text.len());
                    out.pop();
                    at -= self.len(last);
                    next = self.shorter(last);
                    last = if out.len() > start { out[out.len() - 1] } else { NONE };
                }
                end = at + self.len(next);
            }
            out.push(next);
            if end == text.len() {
                return;
            }
            (at, last) = (end, next);
            longest = trie.longest(&text[at..]);
        }
    }

    /// Whether a token may follow the last one, which may be none.
    #[inline]
    fn fits(&self, (last, next): (u32, u32), text: &[u8], scratch: &mut WalkScratch) -> bool {
        last == NONE || self.may_follow((last, next), text, &mut scratch.merge)
    }
}

impl WalkScratch {
    #[inline]
    fn is_dead(&self, at: usize) -> bool {
        self.dead.get(at / 64).is_some_and(|bits| bits >> (at % 64) & 1 == 1)
    }

    fn kill(&mut self, at: usize, len: usize) {
        if self.dead.is_empty() {
            self.dead.resize(len / 64 + 1, 0);
        }
        self.dead[at / 64] |= 1 << (at % 64);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::vocabulary::Vocabulary;

    /// A vocabulary of all bytes and of random merges, also of such as no training makes: of tokens that come later, of
    /// one token in several ways, of tokens that are never made.
    fn lexicon(picks: &[(u16, u16, u16)]) -> Lexicon {
        let mut vocabulary = Vocabulary::default();
        let mut known: Vec<Vec<u8>> = (0..=u8::MAX).map(|byte| vec![byte]).collect();
        let mut pairs = Vec::new();
        // Bytes a to d, and what was made of them.
        let place = |pick: u16, len: usize| {
            let pick = usize::from(pick) % (4 + len - 256);
            if pick < 4 { usize::from(b'a') + pick } else { 252 + pick }
        };
        for &(left, right, _) in picks {
            let (left, right) = (place(left, known.len()), place(right, known.len()));
            let token = [known[left].as_slice(), &known[right]].concat();
            if token.len() > 12 || pairs.iter().any(|&(l, r, _)| (l, r) == (left, right)) {
                continue;
            }
            let id = known.iter().position(|old| *old == token).unwrap_or_else(|| {
                known.push(token);
                known.len() - 1
            });
            pairs.push((left, right, id));
        }
        for token in &known {
            vocabulary.push(token);
        }
        let id = |n: usize| u32::try_from(n).unwrap();
        let mut merges: Vec<_> = pairs.iter().map(|&(l, r, t)| (id(l), id(r), id(t))).collect();
        // Some out of order, so that what is made of later ones comes first.
        for (n, &(_, _, swap)) in picks.iter().enumerate().filter(|(_, pick)| pick.2 % 4 == 0) {
            if !merges.is_empty() {
                let len = merges.len();
                merges.swap(n % len, usize::from(swap / 4) % len);
            }
        }
        let bytes = std::array::from_fn(|n| u32::try_from(n).unwrap());
        Lexicon::new(&vocabulary, &bytes, &merges)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn walks_to_what_merging_makes(
            picks in prop::collection::vec((0_u16.., 0_u16.., 0_u16..), 0..40),
            texts in prop::collection::vec("[a-d]{1,30}|a{1,40}|(ab){1,20}|(aab){1,9}", 20),
        ) {
            let lexicon = lexicon(&picks);
            let mut without_trie = lexicon.clone();
            without_trie.trie = None;
            let mut scratch = WalkScratch::default();
            for text in texts {
                let (mut walked, mut merged) = (Vec::new(), Vec::new());
                lexicon.walk(text.as_bytes(), &mut scratch, &mut walked);
                lexicon.merge(text.as_bytes(), &mut scratch.merge, &mut merged);
                prop_assert_eq!(&walked, &merged, "{}", text);
                walked.clear();
                without_trie.walk(text.as_bytes(), &mut scratch, &mut walked);
                prop_assert_eq!(&walked, &merged, "{}", text);
                let mut pieces = Vec::new();
                lexicon.bridges.pieces(text.as_bytes(), (0, text.len()), |start, len| {
                    let piece = &text.as_bytes()[start..start + len];
                    lexicon.merge(piece, &mut scratch.merge, &mut pieces);
                });
                prop_assert_eq!(pieces, merged, "{}", text);
            }
        }
    }
}
