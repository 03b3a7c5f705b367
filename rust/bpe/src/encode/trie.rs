//! The longest token that a text begins with, found in a double array.
//!
//! A node is one number: where its children lie, whether a token ends there, the byte that leads to it. A child lies at the
//! base of its parent XOR its byte, so all children of a node share a block of 256 slots. No two nodes have the same base,
//! so the byte alone tells whether a slot is a child. Aoe, "An efficient digital search algorithm by using a double-array
//! structure", 1989.

/// Slots in a block.
const BLOCK: usize = 256;
/// Blocks that new children are put into, at most; older ones stay as full as they are.
const OPEN: usize = 4;
/// A byte and one more, so that an empty slot is no child.
const LABEL: u32 = (1 << 9) - 1;
/// A token ends here.
const TOKEN: u32 = LABEL + 1;
/// Where the base begins.
const BASE: u32 = 10;
/// Slots, at most.
const LAST_SIZE: usize = 1 << (32 - BASE);

/// Tokens by their bytes.
#[derive(Clone, Debug)]
pub(crate) struct Trie {
    root: u32,
    /// The first block is empty: it is the one of nodes without children.
    nodes: Vec<u32>,
    /// The token that ends at each node. Apart, so that the nodes of a walk take half of the room in the caches.
    tokens: Vec<u32>,
}

impl Trie {
    /// A trie of tokens in the order of their bytes, each once and none empty; none if they have too many beginnings.
    pub(crate) fn new(sorted: &[(&[u8], u32)]) -> Option<Self> {
        let mut builder =
            Builder { nodes: vec![0; BLOCK], tokens: vec![0; BLOCK], blocks: Vec::new() };
        let root = builder.place(sorted);
        let Builder { nodes, tokens, .. } = builder;
        (nodes.len() <= LAST_SIZE).then_some(Self { root, nodes, tokens })
    }

    /// The longest token that a text begins with, and its length.
    #[inline]
    pub(crate) fn longest(&self, text: &[u8]) -> Option<(u32, usize)> {
        let (mut node, mut best, mut best_len) = (self.root, 0, 0);
        for (&byte, len) in text.iter().zip(1..) {
            let at = (node >> BASE) as usize ^ usize::from(byte);
            let Some(&child) = self.nodes.get(at) else { break };
            if child & LABEL != u32::from(byte) + 1 {
                break;
            }
            (best, best_len) = if child & TOKEN == 0 { (best, best_len) } else { (at, len) };
            node = child;
        }
        if best_len == 0 { None } else { self.tokens.get(best).map(|&token| (token, best_len)) }
    }

    /// The longest token that a token begins with and that is shorter.
    pub(crate) fn shorter(&self, token: &[u8]) -> Option<(u32, usize)> {
        self.longest(&token[..token.len().saturating_sub(1)])
    }
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
    nodes: Vec<u32>,
    tokens: Vec<u32>,
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
        self.nodes.resize(start + BLOCK, 0);
        self.tokens.resize(start + BLOCK, 0);
    }

    /// Puts all nodes under the root into their places; returns the root.
    fn place(&mut self, sorted: &[(&[u8], u32)]) -> u32 {
        let mut root = 0;
        // Depth first, so that a chain of nodes lies close together.
        let mut open = vec![Family { slot: None, tokens: sorted, depth: 0 }];
        while let Some(Family { slot, tokens, depth }) = open.pop() {
            let below = match tokens {
                [(bytes, _), rest @ ..] if bytes.len() == depth => rest,
                _ => tokens,
            };
            let families = || below.chunk_by(|a, b| a.0[depth] == b.0[depth]);
            let labels: Vec<u8> = families().map(|tokens| tokens[0].0[depth]).collect();
            let base = self.base(&labels);
            let node = slot.map_or(&mut root, |slot| &mut self.nodes[slot]);
            // A trie with a base that is too large is not used in the end.
            *node |= u32::try_from(base % LAST_SIZE).unwrap_or_default() << BASE;
            for (tokens, label) in families().zip(labels) {
                let slot = base ^ usize::from(label);
                let ends = tokens[0].0.len() == depth + 1;
                self.nodes[slot] = (u32::from(label) + 1) | if ends { TOKEN } else { 0 };
                self.tokens[slot] = tokens[0].1;
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
}
