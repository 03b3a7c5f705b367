//! The longest token that a text begins with, found in a double array.
//!
//! A node is one number: where its children lie, the byte that leads to it, the token that ends there. A child lies at the
//! base of its parent XOR its byte, so all children of a node share a block of 256 slots. No two nodes have the same base,
//! so the byte alone tells whether a slot is a child. Aoe, "An efficient digital search algorithm by using a double-array
//! structure", 1989.

use crate::{Error, Result};

/// Slots in a block.
const BLOCK: usize = 256;
/// Blocks that new children are put into, at most; older ones stay as full as they are.
const OPEN: usize = 4;
/// No token ends here. Also one more than the highest id that fits.
const NONE: u64 = (1 << TOKEN_BITS) - 1;
const TOKEN_BITS: u32 = 23;
/// A byte and one more, so that an empty slot is no child.
const LABEL_BITS: u32 = 9;
const LABEL: u64 = (1 << LABEL_BITS) - 1;

/// Tokens by their bytes.
#[derive(Clone, Debug)]
pub(crate) struct Trie {
    root: u64,
    /// Base, token and label, from the highest bits down. The first block is empty: it is the one of nodes without children.
    nodes: Vec<u64>,
}

impl Trie {
    /// A trie of tokens in the order of their bytes, each once.
    pub(crate) fn new(sorted: &[(&[u8], u32)]) -> Result<Self> {
        if let Some(&(_, id)) = sorted.iter().find(|&&(_, id)| u64::from(id) >= NONE) {
            return Err(Error::Unsupported {
                field: "model.vocab".to_owned(),
                reason: format!("id {id} is above {}", NONE - 1),
            });
        }
        let mut builder = Builder { nodes: vec![word(0, NONE, 0); BLOCK], blocks: Vec::new() };
        let root = builder.place(sorted);
        Ok(Self { root, nodes: builder.nodes })
    }

    /// The longest token that a text begins with, and its length.
    #[inline]
    pub(crate) fn longest(&self, text: &[u8]) -> Option<(u32, usize)> {
        let (mut node, mut best, mut best_len) = (self.root, NONE, 0);
        for (&byte, len) in text.iter().zip(1..) {
            let Some(&child) = self.nodes.get(base(node) ^ usize::from(byte)) else { break };
            if child & LABEL != u64::from(byte) + 1 {
                break;
            }
            let token = child >> LABEL_BITS & NONE;
            (best, best_len) = if token == NONE { (best, best_len) } else { (token, len) };
            node = child;
        }
        u32::try_from(best).ok().filter(|_| best_len > 0).map(|best| (best, best_len))
    }

    /// The longest token that a token begins with and that is shorter.
    pub(crate) fn shorter(&self, token: &[u8]) -> Option<(u32, usize)> {
        self.longest(&token[..token.len().saturating_sub(1)])
    }
}

#[inline]
fn base(node: u64) -> usize {
    (node >> (TOKEN_BITS + LABEL_BITS)) as usize
}

fn word(base: usize, token: u64, label: u64) -> u64 {
    (base as u64) << (TOKEN_BITS + LABEL_BITS) | token << LABEL_BITS | label
}

/// The tokens of a node: they share their first `depth` bytes.
struct Family<'t> {
    /// Where the node is; none for the root.
    slot: Option<usize>,
    tokens: &'t [(&'t [u8], u32)],
    depth: usize,
}

/// Puts nodes into slots.
struct Builder {
    nodes: Vec<u64>,
    blocks: Vec<Open>,
}

/// A block with free slots.
struct Open {
    start: usize,
    free: [u64; 4],
    /// Bases in the block that no node has yet.
    bases: [u64; 4],
}

impl Builder {
    fn open_block(&mut self) {
        if self.blocks.len() == OPEN {
            self.blocks.remove(0);
        }
        let start = self.nodes.len();
        self.blocks.push(Open { start, free: [u64::MAX; 4], bases: [u64::MAX; 4] });
        self.nodes.resize(start + BLOCK, word(0, NONE, 0));
    }

    /// Puts all nodes under the root into their places; returns the root.
    fn place(&mut self, sorted: &[(&[u8], u32)]) -> u64 {
        let mut root = word(0, NONE, 0);
        // Tokens may be as long as a text, so the depth is kept on no stack of calls.
        let mut open = vec![Family { slot: None, tokens: sorted, depth: 0 }];
        while let Some(Family { slot, tokens, depth }) = open.pop() {
            let (here, below) = match tokens {
                [(bytes, id), rest @ ..] if bytes.len() == depth => (u64::from(*id), rest),
                _ => (NONE, tokens),
            };
            let families = || below.chunk_by(|a, b| a.0[depth] == b.0[depth]);
            let labels: Vec<u8> = families().map(|tokens| tokens[0].0[depth]).collect();
            let base = self.base(&labels);
            let node = slot.map_or(&mut root, |slot| &mut self.nodes[slot].0);
            *node = word(base, here, *node & LABEL);
            for (tokens, label) in families().zip(labels) {
                let slot = base ^ usize::from(label);
                self.nodes[slot] = word(0, NONE, u64::from(label) + 1);
                open.push(Family { slot: Some(slot), tokens, depth: depth + 1 });
            }
        }
        root
    }

    /// A base whose slots for these labels are free; they are taken then.
    fn base(&mut self, labels: &[u8]) -> usize {
        if labels.is_empty() {
            return 0;
        }
        loop {
            if let Some(base) = self.blocks.iter_mut().find_map(|block| block.take(labels)) {
                return base;
            }
            self.open_block();
        }
    }
}

impl Open {
    fn take(&mut self, labels: &[u8]) -> Option<usize> {
        let mut fits = self.bases;
        for &label in labels {
            let free = exchanged(&self.free, label);
            fits.iter_mut().zip(free).for_each(|(fits, free)| *fits &= free);
            if fits == [0; 4] {
                return None;
            }
        }
        let base = (0..=u8::MAX).find(|&base| has(&fits, base))?;
        remove(&mut self.bases, base);
        for label in labels {
            remove(&mut self.free, base ^ label);
        }
        Some(self.start + usize::from(base))
    }
}

/// The set of all `bit XOR by` of the bits of a set.
fn exchanged(bits: &[u64; 4], by: u8) -> [u64; 4] {
    const EVEN: [u64; 6] = [
        0x5555_5555_5555_5555,
        0x3333_3333_3333_3333,
        0x0F0F_0F0F_0F0F_0F0F,
        0x00FF_00FF_00FF_00FF,
        0x0000_FFFF_0000_FFFF,
        0x0000_0000_FFFF_FFFF,
    ];
    std::array::from_fn(|n| {
        let word = bits[n ^ usize::from(by / 64)];
        (0..6).filter(|step| by >> step & 1 == 1).fold(word, |word, step| {
            let (even, width) = (EVEN[step], 1 << step);
            (word & even) << width | word >> width & even
        })
    })
}

fn has(bits: &[u64; 4], bit: u8) -> bool {
    bits[usize::from(bit / 64)] >> (bit % 64) & 1 == 1
}

fn remove(bits: &mut [u64; 4], bit: u8) {
    bits[usize::from(bit / 64)] &= !(1 << (bit % 64));
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn finds_what_a_search_of_all_finds(
            tokens in prop::collection::btree_set(prop_oneof![
                prop::collection::vec(0_u8..4, 1..9),
                prop::collection::vec(any::<u8>(), 1..4),
            ], 0..400),
            text in prop_oneof![prop::collection::vec(0_u8..4, 0..20), prop::collection::vec(any::<u8>(), 0..9)],
        ) {
            let tokens: BTreeMap<Vec<u8>, u32> = tokens.into_iter().zip(5..).collect();
            let sorted: Vec<_> = tokens.iter().map(|(bytes, &id)| (bytes.as_slice(), id)).collect();
            let trie = Trie::new(&sorted).unwrap();
            let slow = |text: &[u8]| (1..=text.len()).rev().find_map(|len| Some((*tokens.get(&text[..len])?, len)));
            prop_assert_eq!(trie.longest(&text), slow(&text));
            for (bytes, &id) in &tokens {
                prop_assert_eq!(trie.longest(bytes), Some((id, bytes.len())));
                prop_assert_eq!(trie.shorter(bytes), slow(&bytes[..bytes.len() - 1]));
            }
        }
    }

    #[test]
    fn ids_beyond_the_room_are_refused() {
        let error = Trie::new(&[(b"a", 1 << 23)]).unwrap_err();
        assert_eq!(error.to_string(), "tokenizer.json: model.vocab: id 8388608 is above 8388606");
    }
}
