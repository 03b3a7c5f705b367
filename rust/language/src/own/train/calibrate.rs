//! Temperatures and confusable pairs, from texts that the model has not learnt.

use std::collections::BTreeMap;

use super::super::head::{LENGTHS, length_class};
use super::super::pairs::{Pair, Pairs};
use super::super::{Own, Work};
use super::texts::TrainText;
use crate::model::Score;

/// Texts of a class of length that a temperature of its own needs.
const FEWEST: usize = 300;
/// The share of wrong answers between the two that makes a pair confusable.
const CONFUSED: f64 = 0.005;
/// The share of wrong answers that a pair may keep above its margin.
const KEPT: f64 = 0.002;

/// Shares of held-out texts with a wrong label, of which the likeliest is believed.
const MISLABELLED: [f64; 6] = [0.0, 0.002, 0.005, 0.01, 0.02, 0.04];

/// What was said of a text.
struct Seen {
    /// How far the value of each other label is above that of the right one.
    values: Vec<f32>,
    class: usize,
}

/// Fits the temperatures by the likelihood of the right labels, and finds the pairs.
pub(crate) fn calibrate(model: &mut Own, texts: &[TrainText<'_>]) {
    let seen = values(model, texts);
    let labels = model.labels.len();
    let fits = MISLABELLED.map(|wrong| (wrong, fit(&seen.iter(), wrong, labels)));
    let better = |a: &&(f64, Fit), b: &&(f64, Fit)| a.1.loss.total_cmp(&b.1.loss);
    let (wrong, overall) = fits.iter().min_by(better).copied().unwrap_or_default();
    let mut temperatures = [overall.temperature; LENGTHS];
    for (class, temperature) in temperatures.iter_mut().enumerate() {
        let of_class = seen.iter().filter(|one| one.class == class);
        if of_class.clone().count() >= FEWEST {
            *temperature = fit(&of_class, wrong, labels).temperature;
        }
    }
    model.head.temperatures = temperatures;
    model.pairs = pairs(model, texts);
}

/// The value of each label for texts whole, and for each one's first words: short texts must be right too.
fn values(model: &Own, texts: &[TrainText<'_>]) -> Vec<Seen> {
    let mut work = Work::default();
    let mut all = Vec::new();
    for text in texts {
        let Ok(label) = model.labels.binary_search_by(|known| known.as_str().cmp(text.label))
        else {
            continue;
        };
        for part in [text.text, front(text.text)] {
            let mut sum = model.sum(part, &mut work);
            let (total, rows) = sum.total();
            if rows > 0 {
                let mut values = Vec::new();
                model.kernel.values(&model.head, total, rows, &mut values);
                let right = values[label];
                // Far values change no likelihood: what is left out is less than 1e-9.
                let others = values.iter().enumerate().filter(|(n, _)| *n != label);
                let near = others.map(|(_, v)| v - right).filter(|v| *v > -25.0);
                all.push(Seen { values: near.collect(), class: length_class(rows) });
            }
        }
    }
    all
}

/// The first quarter of a text's words.
fn front(text: &str) -> &str {
    let words = text.split(' ').count();
    let end = text.match_indices(' ').nth((words / 4).max(1)).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// A temperature, and the loss of the texts with it.
#[derive(Clone, Copy, Debug, Default)]
struct Fit {
    temperature: f32,
    loss: f64,
}

/// The temperature of the greatest likelihood, by golden sections between 1/4 and 16, where a share of the texts is
/// labelled at random: a single text that is not in its language would else make the model modest about all others.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a temperature")]
fn fit<'a>(
    seen: &(impl Iterator<Item = &'a Seen> + Clone),
    mislabelled: f64,
    labels: usize,
) -> Fit {
    let by_chance = mislabelled / labels.max(1) as f64;
    let loss = |log: f64| -> f64 {
        let temperature = log.exp();
        let odds = |one: &Seen| -> f64 {
            one.values.iter().map(|&v| (f64::from(v) / temperature).exp()).sum()
        };
        seen.clone().map(|one| -(by_chance + (1.0 - mislabelled) / (1.0 + odds(one))).ln()).sum()
    };
    let ratio = (5_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.25_f64.ln(), 16_f64.ln());
    for _ in 0..18 {
        let (left, right) = (high - ratio * (high - low), low + ratio * (high - low));
        if loss(left) < loss(right) { high = right } else { low = left }
    }
    let log = f64::midpoint(low, high);
    Fit { temperature: log.exp() as f32, loss: loss(log) }
}

/// Right and wrong answers between two labels, with their margins.
#[derive(Default)]
struct Answers {
    right: u64,
    /// Margins of all answers, and whether each was wrong.
    all: Vec<(f32, bool)>,
}

fn pairs(model: &Own, texts: &[TrainText<'_>]) -> Pairs {
    let mut found: BTreeMap<(u32, u32), Answers> = BTreeMap::new();
    let (mut work, mut scores) = (Work::default(), Vec::<Score>::new());
    for text in texts {
        for part in [text.text, front(text.text)] {
            model.predict(part, 2, &mut work, &mut scores);
            let [one, two] = scores[..] else { continue };
            let right = model.labels[one.label as usize] == text.label;
            if !right && model.labels[two.label as usize] != text.label {
                continue;
            }
            let key = (one.label.min(two.label), one.label.max(two.label));
            let answers = found.entry(key).or_default();
            answers.right += u64::from(right);
            answers.all.push((one.probability - two.probability, !right));
        }
    }
    let pair = |((first, second), answers): ((u32, u32), Answers)| {
        margin(answers).map(|margin| Pair { first, second, margin })
    };
    Pairs::new(found.into_iter().filter_map(pair).collect())
}

/// The least margin above which hardly any answer is wrong; none if the two are not confused.
#[expect(clippy::cast_precision_loss, reason = "counts of texts")]
fn margin(mut answers: Answers) -> Option<f32> {
    let wrong = answers.all.iter().filter(|(_, wrong)| *wrong).count();
    let all = answers.all.len() as f64;
    if wrong < 5 || (wrong as f64) < CONFUSED * all || answers.right == 0 {
        return None;
    }
    answers.all.sort_by(|a, b| b.0.total_cmp(&a.0));
    let mut kept = 0;
    for (margin, wrong) in answers.all {
        kept += usize::from(wrong);
        if kept as f64 > KEPT * all {
            return Some(margin.clamp(0.02, 0.95));
        }
    }
    None
}
