//! The Huffman tree of the labels, for hierarchical softmax.

use crate::dictionary::Label;

/// What a node leads to: two nodes, or a label.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Node {
    Label(u32),
    /// An inner node with the row of the output matrix that decides between its children.
    Branch {
        row: usize,
        left: usize,
        right: usize,
    },
}

/// Counts above this stand for "not built yet" in the official library; files with such counts are refused.
pub(crate) const MAX_COUNT: i64 = 1_000_000_000_000_000;

/// The nodes; labels first, the root last.
#[derive(Debug)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

impl Tree {
    /// Joins the two rarest nodes until one is left. Labels come in order of falling count; of equal counts, an inner
    /// node is taken before a label, as the official library does.
    pub(crate) fn of(labels: &[Label]) -> Self {
        let n = labels.len();
        let mut counts: Vec<i64> = labels.iter().map(|label| label.count).collect();
        let mut nodes: Vec<Node> = (0..).take(n).map(Node::Label).collect();
        let mut leaves = n; // labels below this one are not joined yet
        let mut inner = n;
        for row in 0..n.saturating_sub(1) {
            let mut rarest = || {
                let node = counts.get(inner).copied().unwrap_or(MAX_COUNT);
                if leaves > 0 && counts[leaves - 1] < node {
                    leaves -= 1;
                    leaves
                } else {
                    inner += 1;
                    inner - 1
                }
            };
            let (left, right) = (rarest(), rarest());
            counts.push(counts[left] + counts[right]);
            nodes.push(Node::Branch { row, left, right });
        }
        Self { nodes }
    }

    pub(crate) fn root(&self) -> usize {
        self.nodes.len() - 1
    }

    pub(crate) fn node(&self, i: usize) -> Node {
        self.nodes[i]
    }
}
