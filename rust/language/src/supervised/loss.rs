//! Which output rows an example meets, and how far it moves them.

use gamayun_text::hash::mix64;

use super::params::TrainLoss;
use crate::dictionary::Label;
use crate::tree::{Node, Tree};

/// An output row that an example meets, and whether it should say yes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) row: usize,
    pub(super) wanted: bool,
}

/// A loss with what it knows of the labels.
#[derive(Debug)]
pub(super) enum Loss {
    Softmax,
    OneVersusAll,
    /// For each label the inner nodes from its own up to the root.
    Tree(Vec<Vec<Target>>),
    /// The sums of the square roots of counts up to each label.
    Negatives {
        sums: Vec<f64>,
        number: usize,
    },
}

impl Loss {
    pub(super) fn new(loss: TrainLoss, labels: &[Label], negatives: usize) -> Self {
        match loss {
            TrainLoss::Softmax => Self::Softmax,
            TrainLoss::OneVersusAll => Self::OneVersusAll,
            TrainLoss::HierarchicalSoftmax => Self::Tree(paths(&Tree::of(labels), labels.len())),
            TrainLoss::NegativeSampling => {
                let mut sum = 0.0;
                #[expect(clippy::cast_precision_loss, reason = "a count of examples")]
                let sums = labels.iter().map(|label| {
                    sum += (label.count as f64).sqrt();
                    sum
                });
                Self::Negatives { sums: sums.collect(), number: negatives }
            }
        }
    }

    /// The most rows that an example meets.
    pub(super) fn most(&self, labels: usize) -> usize {
        match self {
            Self::Softmax | Self::OneVersusAll => labels,
            Self::Tree(paths) => paths.iter().map(Vec::len).max().unwrap_or(0),
            Self::Negatives { number, .. } => number + 1,
        }
    }

    /// The rows that an example of these labels meets; `draw` makes the choices that are left to chance.
    pub(super) fn targets(&self, of: &[u32], labels: usize, draw: u64, into: &mut Vec<Target>) {
        into.clear();
        if let Self::OneVersusAll = self {
            let wanted = |row| of.iter().any(|label| *label as usize == row);
            return into.extend((0..labels).map(|row| Target { row, wanted: wanted(row) }));
        }
        let label = of[below(draw, of.len())] as usize;
        match self {
            Self::Tree(paths) => into.extend(&paths[label]),
            Self::Negatives { sums, number } => {
                into.push(Target { row: label, wanted: true });
                let mut draws = (1..).map(|n| mix64(n, draw));
                while into.len() <= *number {
                    let row = sampled(sums, draws.next().unwrap_or(0));
                    if row != label {
                        into.push(Target { row, wanted: false });
                    }
                }
            }
            _ => into.extend((0..labels).map(|row| Target { row, wanted: row == label })),
        }
    }

    /// From the products of all targets to the steps that they take, at this learning rate; false if a product is not
    /// a number.
    #[expect(clippy::cast_possible_truncation, reason = "a step is a 32-bit number")]
    pub(super) fn steps(&self, targets: &[Target], products: &mut [f32], rate: f64) -> bool {
        if products.iter().any(|product| !product.is_finite()) {
            return false;
        }
        let max = products.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let exp = |product: f32| f64::from(product - max).exp();
        let sum: f64 = products.iter().map(|&product| exp(product)).sum();
        for (product, target) in products.iter_mut().zip(targets) {
            let probability = match self {
                Self::Softmax => exp(*product) / sum,
                _ => 1.0 / (1.0 + f64::from(-*product).exp()),
            };
            *product = (rate * (f64::from(u8::from(target.wanted)) - probability)) as f32;
        }
        true
    }
}

/// The inner nodes above each label, and whether the label is to their right.
fn paths(tree: &Tree, labels: usize) -> Vec<Vec<Target>> {
    let mut paths = vec![Vec::new(); labels];
    let mut open = vec![(tree.root(), Vec::new())];
    while let Some((at, path)) = open.pop() {
        match tree.node(at) {
            Node::Label(label) => paths[label as usize] = path,
            Node::Branch { row, left, right } => {
                for (child, wanted) in [(left, false), (right, true)] {
                    let mut longer = path.clone();
                    longer.push(Target { row, wanted });
                    open.push((child, longer));
                }
            }
        }
    }
    paths
}

#[expect(clippy::cast_possible_truncation, reason = "below `n`")]
fn below(draw: u64, n: usize) -> usize {
    ((u128::from(draw) * n as u128) >> 64) as usize
}

#[expect(clippy::cast_precision_loss, reason = "53 bits of a hash")]
fn sampled(sums: &[f64], draw: u64) -> usize {
    let all = sums.last().copied().unwrap_or(0.0);
    let at = (draw >> 11) as f64 / (1_u64 << 53) as f64 * all;
    sums.partition_point(|sum| *sum <= at).min(sums.len() - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels() -> Vec<Label> {
        [9, 4, 4, 1].iter().map(|&count| Label { name: count.to_string(), count }).collect()
    }

    #[test]
    fn negatives_are_drawn_by_the_square_roots_of_counts_and_never_the_label_itself() {
        let loss = Loss::new(TrainLoss::NegativeSampling, &labels(), 3);
        let (mut counts, mut targets) = ([0_u32; 4], Vec::new());
        for draw in 0..4000 {
            loss.targets(&[1], 4, mix64(draw, 7), &mut targets);
            assert_eq!(targets[0], Target { row: 1, wanted: true });
            assert_eq!(targets.len(), 4);
            targets[1..].iter().for_each(|target| counts[target.row] += 1);
        }
        // 12,000 draws of 3 : 2 : 1.
        assert_eq!(counts[1], 0);
        for (row, expected) in [(0, 6000), (2, 4000), (3, 2000)] {
            assert!(counts[row].abs_diff(expected) < 300, "{counts:?}");
        }
    }

    #[test]
    fn a_path_leads_to_its_label() {
        let Loss::Tree(paths) = Loss::new(TrainLoss::HierarchicalSoftmax, &labels(), 0) else {
            unreachable!()
        };
        let tree = Tree::of(&labels());
        for (label, path) in (0..).zip(&paths) {
            let mut at = tree.root();
            for target in path {
                let Node::Branch { row, left, right } = tree.node(at) else { unreachable!() };
                assert_eq!(row, target.row);
                at = if target.wanted { right } else { left };
            }
            assert!(matches!(tree.node(at), Node::Label(found) if found == label));
        }
    }

    #[test]
    fn softmax_steps_sum_to_zero() {
        let mut products = [0.5, -1.0, 2.0, 0.0];
        let mut targets = Vec::new();
        Loss::Softmax.targets(&[2], 4, 0, &mut targets);
        assert!(Loss::Softmax.steps(&targets, &mut products, 0.5));
        assert!(products[2] > 0.0 && products[0] < 0.0);
        assert!(products.iter().sum::<f32>().abs() < 1e-6);
        assert!(!Loss::Softmax.steps(&targets, &mut [f32::NAN, 0.0, 0.0, 0.0], 0.5));
    }
}
