//! The output layer: from the mean of a text's rows to the best labels.

use crate::dictionary::Label;
use crate::error::Result;
use crate::header::{Header, Loss};
use crate::heap::Best;
use crate::lines::{Line, Lines, WIDTH};
use crate::quantised::Quantised;
use crate::reader::Reader;
use crate::tree::{Node, Tree};

/// The output matrix and how its products become probabilities.
#[derive(Debug)]
pub(crate) struct Output {
    kind: Kind,
    dim: usize,
    labels: usize,
    /// The norm of each label's row, where the file keeps norms apart.
    norms: Option<Vec<f32>>,
}

#[derive(Debug)]
enum Kind {
    /// A row for each inner node.
    Tree { rows: Lines, tree: Tree },
    /// Blocks of 16 labels: `dim` lines each, line `j` with column `j` of 16 rows. The sums of 16 labels then run side
    /// by side, each in its own order.
    Flat { blocks: Vec<Line>, softmax: bool, sigmoid: Sigmoid },
}

/// Working memory of `best`, to be kept between texts.
#[derive(Debug, Default)]
pub(crate) struct Work {
    pub(crate) best: Best,
    scores: Vec<f32>,
    nodes: Vec<(usize, f32)>,
}

impl Output {
    pub(crate) fn read(
        reader: &mut Reader<'_>,
        header: &Header,
        labels: &[Label],
        quantised: bool,
    ) -> Result<Self> {
        let (rows, dim, matrix, norms) = if quantised {
            let coded = Quantised::read(reader)?;
            let norms = coded.has_norms().then(|| (0..coded.rows()).map(|r| coded.norm(r)));
            (coded.rows(), coded.dim(), coded.decoded(false), norms.map(Iterator::collect))
        } else {
            let rows = reader.long_count("the rows of the output matrix")?;
            let columns = reader.long_count("the columns of the output matrix")?;
            (rows, columns, Lines::read(reader, rows, columns)?, None)
        };
        if dim != header.dim || rows != labels.len() {
            let expected = format!("{} × {}", labels.len(), header.dim);
            return Err(reader.malformed(
                "the output matrix",
                format_args!("{rows} × {dim}"),
                expected,
            ));
        }
        let kind = match header.loss {
            Loss::HierarchicalSoftmax => Kind::Tree { rows: matrix, tree: Tree::of(labels) },
            loss => Kind::Flat {
                blocks: blocks(&matrix, rows, dim),
                softmax: loss == Loss::Softmax,
                sigmoid: Sigmoid::new(),
            },
        };
        Ok(Self { kind, dim, labels: rows, norms })
    }

    /// The `k` best labels with the logarithms of their probabilities, in `work.best`; none if a sum is not a number.
    pub(crate) fn best(&self, hidden: &[Line], k: usize, work: &mut Work) {
        work.best.reset(k);
        match &self.kind {
            Kind::Tree { rows, tree } => self.walk(rows, tree, hidden, work),
            Kind::Flat { blocks, softmax, sigmoid } => {
                self.products(blocks, hidden, &mut work.scores);
                if work.scores.iter().any(|score| score.is_nan()) {
                    return;
                }
                if *softmax {
                    soften(&mut work.scores);
                } else {
                    for score in &mut work.scores {
                        *score = sigmoid.of(*score);
                    }
                }
                keep_best(&work.scores, &mut work.best);
            }
        }
    }

    fn products(&self, blocks: &[Line], hidden: &[Line], scores: &mut Vec<f32>) {
        scores.clear();
        let columns = hidden.as_flattened_floats(self.dim);
        for block in blocks.chunks_exact(self.dim) {
            let mut sums = Line::default();
            for (line, by) in block.iter().zip(columns.clone()) {
                sums.add_scaled(line, by);
            }
            scores.extend_from_slice(&sums.0);
        }
        scores.truncate(self.labels);
        if let Some(norms) = &self.norms {
            scores.iter_mut().zip(norms).for_each(|(score, norm)| *score *= norm);
        }
    }

    /// Depth first, left before right; a branch that cannot be among the best is left out.
    fn walk(&self, rows: &Lines, tree: &Tree, hidden: &[Line], work: &mut Work) {
        let least = log(0.0);
        work.nodes.clear();
        work.nodes.push((tree.root(), 0.0));
        while let Some((at, score)) = work.nodes.pop() {
            if score < least || work.best.floor().is_some_and(|floor| score < floor) {
                continue;
            }
            match tree.node(at) {
                Node::Label(label) => work.best.push((score, label)),
                Node::Branch { row, left, right } => {
                    let product = self.product(rows, row, hidden);
                    if product.is_nan() {
                        return work.best.reset(0);
                    }
                    let (no, yes) = decide(product);
                    work.nodes.push((right, score + yes));
                    work.nodes.push((left, score + no));
                }
            }
        }
    }

    fn product(&self, rows: &Lines, row: usize, hidden: &[Line]) -> f32 {
        let mut sum = 0.0;
        let mut left = self.dim;
        for (a, b) in rows.row(row).iter().zip(hidden) {
            let n = left.min(WIDTH);
            for (x, y) in a.0[..n].iter().zip(&b.0[..n]) {
                sum += x * y;
            }
            left -= n;
        }
        self.norms.as_ref().map_or(sum, |norms| sum * norms[row])
    }
}

/// The columns of a padded row.
trait Columns {
    fn as_flattened_floats(&self, dim: usize) -> impl Iterator<Item = f32> + Clone;
}

impl Columns for [Line] {
    fn as_flattened_floats(&self, dim: usize) -> impl Iterator<Item = f32> + Clone {
        self.iter().flat_map(|line| line.0).take(dim)
    }
}

fn blocks(matrix: &Lines, rows: usize, dim: usize) -> Vec<Line> {
    let mut blocks = vec![Line::default(); rows.div_ceil(WIDTH) * dim];
    for row in 0..rows {
        for column in 0..dim {
            blocks[row / WIDTH * dim + column].0[row % WIDTH] = matrix.at(row, column);
        }
    }
    blocks
}

/// Exponentials in 64 bits, sums and quotients in 32.
#[expect(clippy::cast_possible_truncation, reason = "the official library rounds here")]
fn soften(scores: &mut [f32]) {
    let max = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut sum = 0.0;
    for score in scores.iter_mut() {
        *score = f64::from(*score - max).exp() as f32;
        sum += *score;
    }
    for score in scores {
        *score /= sum;
    }
}

fn keep_best(scores: &[f32], best: &mut Best) {
    // Scores clearly below the worst kept one need no logarithm.
    let mut clearly_below = f64::NEG_INFINITY;
    for (label, &score) in (0..).zip(scores) {
        if f64::from(score) + LOG_OFFSET < clearly_below {
            continue;
        }
        let log = log(score);
        if best.floor().is_some_and(|floor| log < floor) {
            continue;
        }
        best.push((log, label));
        if let Some(floor) = best.floor() {
            // A relative distance of 1e-4 is one of 1e-4 in the logarithm, far more than its rounding.
            clearly_below = f64::from(floor).exp() * (1.0 - 1e-4);
        }
    }
}

/// What the official library adds before it takes a logarithm, in 64 bits.
const LOG_OFFSET: f64 = 1e-5;

#[expect(clippy::cast_possible_truncation, reason = "the official library rounds here")]
fn log(probability: f32) -> f32 {
    (f64::from(probability) + LOG_OFFSET).ln() as f32
}

/// The logarithms of the probabilities of the left and the right child.
#[expect(clippy::cast_possible_truncation, reason = "the official library rounds here")]
fn decide(product: f32) -> (f32, f32) {
    let yes = (1.0 / f64::from(1.0 + (-product).exp())) as f32;
    (log((1.0 - f64::from(yes)) as f32), log(yes))
}

/// The sigmoid that the official library trains and predicts with: 512 steps from −8 to 8.
#[derive(Debug)]
struct Sigmoid(Vec<f32>);

impl Sigmoid {
    const STEPS: u16 = 512;
    const MAX: f32 = 8.0;

    #[expect(clippy::cast_possible_truncation, reason = "the official library rounds here")]
    fn new() -> Self {
        let value = |i: u16| {
            let x = f32::from(i * 16) / f32::from(Self::STEPS) - Self::MAX;
            (1.0 / (1.0 + f64::from((-x).exp()))) as f32
        };
        Self((0..=Self::STEPS).map(value).collect())
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a table index, rounded down"
    )]
    fn of(&self, x: f32) -> f32 {
        if x < -Self::MAX {
            0.0
        } else if x > Self::MAX {
            1.0
        } else {
            self.0[((x + Self::MAX) * f32::from(Self::STEPS) / Self::MAX / 2.0) as usize]
        }
    }
}
