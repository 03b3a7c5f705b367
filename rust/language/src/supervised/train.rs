//! The descent: epochs of examples, each of them one step of all threads.

use gamayun_text::hash::mix64;
use gamayun_text::{Monitor, Progress};

use super::counts::{self, Counted};
use super::examples::{Example, Examples, Feature, joined};
use super::exchange::Exchange;
use super::loss::{Loss, Target};
use super::order;
use super::panel::{self, Panel};
use super::params::{TrainParams, TrainSettings};
use super::trained::Trained;
use crate::buckets::Buckets;
use crate::error::{Error, Result};
use crate::features::{Features, Work};
use crate::header::Header;
use crate::lines::WIDTH;

/// Text between two looks at the monitor, in bytes.
const BETWEEN_LOOKS: u64 = 1 << 18;

/// Trains a model on texts and the numbers of their labels: places in `labels`.
///
/// The model depends on the set of examples, the names of their labels and the settings but for `threads` and
/// `memory`: not on the order of examples or labels. Threads beyond one for each 16 columns stay idle. Memory: the
/// texts, the features as far as `memory` goes, and 4 bytes for each column of each word and bucket that occurs.
///
/// # Errors
/// Fewer than two labels with examples, more words than the format can number, a learning rate at which the sums
/// overflow, and what the monitor says.
pub fn train(
    examples: &[Example<'_>],
    labels: &[String],
    params: &TrainParams,
    monitor: &mut dyn Monitor,
) -> Result<Trained> {
    let settings = params.settings();
    monitor.advance(Progress::default()).map_err(|_| Error::Interrupted)?;
    let Counted { dictionary, counts, tokens, label_order } =
        counts::count(examples, labels, settings.min_count, settings.threads)?;
    let words = u32::try_from(counts.len()).unwrap_or(u32::MAX); // cannot be: it was checked
    let header = header(settings);
    let rows = words + header.bucket;
    let features = Features::new(&header, dictionary, Buckets::All, words);
    let found = Examples::of(&features, examples, rows as usize, settings.memory, settings.threads);
    let names = features.dictionary().labels();
    let descent = Descent {
        texts: examples,
        labels: renamed(examples, &label_order),
        hashes: order::hashes(examples, &label_order),
        loss: Loss::new(settings.loss, names, settings.negatives),
        outputs: names.len(),
        features: &features,
        examples: &found,
        settings,
        bytes: examples.iter().map(|example| example.text.len() as u64 + 1).sum(),
    };
    let mut panels = descent.panels(&panel::rows_in_order(&found.seen, rows));
    for epoch in 0..settings.epochs {
        descent.epoch(epoch, &mut panels, monitor)?;
    }
    let seen = found.seen;
    Ok(Trained { settings: settings.clone(), header, features, counts, tokens, seen, panels })
}

fn header(settings: &TrainSettings) -> Header {
    let ngrams = settings.max_n > 0 || settings.word_ngrams > 1;
    Header {
        dim: settings.dim,
        loss: settings.loss.into(),
        word_ngrams: settings.word_ngrams,
        min_n: settings.min_n,
        max_n: settings.max_n,
        bucket: if ngrams { settings.buckets } else { 0 },
    }
}

/// The labels of each example by their places in the dictionary.
fn renamed(examples: &[Example<'_>], order: &[u32]) -> Vec<Vec<u32>> {
    let one =
        |example: &Example<'_>| example.labels.iter().map(|&label| order[label as usize]).collect();
    examples.iter().map(one).collect()
}

/// What all threads read.
struct Descent<'a> {
    texts: &'a [Example<'a>],
    labels: Vec<Vec<u32>>,
    hashes: Vec<u64>,
    loss: Loss,
    outputs: usize,
    features: &'a Features,
    examples: &'a Examples,
    settings: &'a TrainSettings,
    /// Of all texts, and one for each.
    bytes: u64,
}

/// What a thread writes, apart from its panel.
#[derive(Default)]
struct Scratch {
    work: (Work, Vec<Feature>),
    targets: Vec<Target>,
    steps: Vec<f32>,
}

impl Descent<'_> {
    /// The lines of columns, shared out evenly.
    fn panels(&self, rows: &[u32]) -> Vec<Panel> {
        let (dim, seed) = (self.settings.dim, self.settings.seed);
        let lines = dim.div_ceil(WIDTH);
        let panels = self.settings.threads.min(lines);
        std::thread::scope(|scope| {
            let running: Vec<_> = (0..panels)
                .map(|i| i * lines / panels..(i + 1) * lines / panels)
                .map(|own| scope.spawn(|| Panel::new(own, rows, self.outputs, dim, seed)))
                .collect();
            running.into_iter().map(joined).collect()
        })
    }

    fn epoch(&self, epoch: u32, panels: &mut [Panel], monitor: &mut dyn Monitor) -> Result<()> {
        let order = order::of_epoch(&self.hashes, self.settings.seed, epoch);
        let lines = self.settings.dim.div_ceil(WIDTH);
        let exchange = Exchange::new(panels.len(), self.loss.most(self.outputs), lines);
        let Some((first, others)) = panels.split_first_mut() else { return Ok(()) };
        std::thread::scope(|scope| {
            let (order, exchange) = (&order, &exchange);
            let running: Vec<_> = others
                .iter_mut()
                .map(|panel| scope.spawn(|| self.steps(epoch, order, panel, exchange, &mut ())))
                .collect();
            let result = self.steps(epoch, order, first, exchange, monitor);
            running.into_iter().map(joined).fold(result, Result::and)
        })
    }

    /// All examples of an epoch, for the columns of a panel.
    fn steps(
        &self,
        epoch: u32,
        order: &[usize],
        panel: &mut Panel,
        exchange: &Exchange,
        monitor: &mut dyn Monitor,
    ) -> Result<()> {
        let mut scratch = Scratch::default();
        let (mut round, mut looked) = (0, 0);
        let mut done = self.bytes * u64::from(epoch);
        for &number in order {
            if done - looked >= BETWEEN_LOOKS {
                looked = done;
                if self.look(done, round, monitor).is_err() {
                    exchange.stop_after(round);
                }
            }
            if self.step(epoch, number, (round, done), panel, exchange, &mut scratch)? {
                round += 1;
            }
            done += self.texts[number].text.len() as u64 + 1;
        }
        Ok(())
    }

    fn look(&self, done: u64, documents: u64, monitor: &mut dyn Monitor) -> Result<()> {
        let total = self.bytes * u64::from(self.settings.epochs);
        let progress = Progress { done, total, documents, bytes: done };
        monitor.advance(progress).map_err(|_| Error::Interrupted)
    }

    /// One example; false if nothing stands for its text, or it has no label.
    fn step(
        &self,
        epoch: u32,
        number: usize,
        (round, done): (u64, u64),
        panel: &mut Panel,
        exchange: &Exchange,
        scratch: &mut Scratch,
    ) -> Result<bool> {
        let Scratch { work, targets, steps } = scratch;
        let labels = &self.labels[number];
        let text = self.texts[number].text;
        let features = self.examples.features(number, text, self.features, work);
        if labels.is_empty() || features.is_empty() {
            return Ok(false);
        }
        let share = 1.0 / features.iter().map(|feature| feature.times).sum::<f32>();
        let draw = mix64(self.hashes[number], mix64(u64::from(epoch), self.settings.seed));
        panel.mean(features, share);
        self.loss.targets(labels, self.outputs, draw, targets);
        for (product, target) in targets.iter().enumerate() {
            for (line, part) in panel.products(target.row) {
                exchange.leave(round, product, line, part);
            }
        }
        let goes_on = exchange.meet(round);
        steps.clear();
        steps.extend((0..targets.len()).map(|product| exchange.product(round, product)));
        if !self.loss.steps(targets, steps, self.rate(done)) {
            return Err(Error::Diverged { epoch: u64::from(epoch) + 1 });
        }
        for (target, step) in targets.iter().zip(&*steps) {
            panel.learn_output(target.row, *step);
        }
        panel.learn_input(features, share);
        if goes_on { Ok(true) } else { Err(Error::Interrupted) }
    }

    /// Falls to 0 in a straight line.
    #[expect(clippy::cast_precision_loss, reason = "a share of the bytes")]
    fn rate(&self, done: u64) -> f64 {
        let all = (self.bytes * u64::from(self.settings.epochs)) as f64;
        self.settings.learning_rate * (1.0 - done as f64 / all)
    }
}
