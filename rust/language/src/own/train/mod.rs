//! Learns a model from texts with labels; the same texts, settings and seed give the same bytes.

mod calibrate;
mod draws;
mod network;
mod params;
mod samples;
mod select;
mod texts;

use gamayun_text::{Monitor, Progress};

use super::Own;
use super::index::Index;
use super::pairs::Pairs;
use super::rows::{Row, Rows, WIDTH};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::reader::Reader;
use network::Network;
pub use params::TrainParams;
use samples::Samples;
use texts::Texts;
pub use texts::TrainText;

/// Samples between two words to the monitor.
const BATCH: u64 = 4096;
/// The share of samples that the layer alone learns from once rows are rounded.
const AFTERWARDS: u64 = 8;
/// Texts of a label that is not held less likely than others.
const FEW: usize = 3_000;
/// One text in so many is kept back for calibration where no texts are given for it.
const KEPT_BACK: usize = 50;

/// Learns a model and returns it with the bytes of its file.
///
/// `held_out` fits temperatures and finds confusable pairs: best texts of other sources than those learnt from. Without
/// any, one text in fifty is kept back. `provenance` goes into the file: sources and licence. Memory: about 90 bytes a
/// different word, 4 a word, and 264 a feature.
///
/// # Errors
/// Fewer than two labels; the monitor's wish to stop.
pub fn train(
    texts: &[TrainText<'_>],
    held_out: &[TrainText<'_>],
    provenance: &str,
    params: &TrainParams,
    monitor: &mut dyn Monitor,
) -> Result<(Model, Vec<u8>)> {
    let (texts, held_out) = kept_back(texts, held_out);
    let texts = Texts::new(&texts);
    if texts.labels.len() < 2 {
        return Err(Error::TooFewLabels { labels: texts.labels });
    }
    monitor.advance(Progress::default()).map_err(|_| Error::Interrupted)?;
    let keys = select::select(&texts, params.features(), params.balance());
    let network = Network::new(keys.len(), texts.labels.len(), params.seed());
    finish(network, keys, &texts, &held_out, provenance, params, monitor)
}

/// Goes on learning from a file of `train`, of the same labels, and returns the model with the bytes of its new file.
///
/// # Errors
/// A file that is no model of our own, or of other labels than the texts; the monitor's wish to stop.
pub fn refine(
    file: &[u8],
    texts: &[TrainText<'_>],
    held_out: &[TrainText<'_>],
    provenance: &str,
    params: &TrainParams,
    monitor: &mut dyn Monitor,
) -> Result<(Model, Vec<u8>)> {
    let from = Own::read(&mut Reader::of_bytes(file, "the model to go on from"))?;
    let (texts, held_out) = kept_back(texts, held_out);
    let texts = Texts::new(&texts);
    if texts.labels != from.labels {
        return Err(Error::Parameter {
            parameter: "labels",
            found: texts.labels.join(", "),
            expected: from.labels.join(", "),
        });
    }
    let mut head = from.head.clone();
    for (bias, prior) in head.bias.iter_mut().zip(priors(&texts, params.balance())) {
        *bias += prior;
    }
    let network = Network::of(&head, from.rows.rows());
    finish(network, from.rows.keys().to_vec(), &texts, &held_out, provenance, params, monitor)
}

/// Learns, rounds, calibrates and writes.
fn finish(
    network: Network,
    keys: Vec<u32>,
    texts: &Texts,
    held_out: &[TrainText<'_>],
    provenance: &str,
    params: &TrainParams,
    monitor: &mut dyn Monitor,
) -> Result<(Model, Vec<u8>)> {
    let (network, units, rows) = learn(network, texts, &keys, params, monitor)?;
    let mut head = network.head(units);
    for (bias, prior) in head.bias.iter_mut().zip(priors(texts, params.balance())) {
        *bias -= prior;
    }
    let rows = Rows::new(keys, rows).ok_or_else(|| Error::Parameter {
        parameter: "features",
        found: params.features().to_string(),
        expected: "fewer, for their hashes are too many alike".to_owned(),
    })?;
    let mut model =
        Own::new(texts.labels.clone(), rows, head, Pairs::default(), provenance.to_owned());
    calibrate::calibrate(&mut model, held_out);
    let bytes = model.to_bytes();
    Ok((model.into(), bytes))
}

/// What is learnt of how common labels are; it is taken out again, for a text is as likely in one language as in another.
/// Labels of few texts stay a little less likely, for what is known of them is little.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, reason = "a rounding")]
fn priors(texts: &Texts, balance: f64) -> impl Iterator<Item = f32> {
    (0..texts.labels.len())
        .map(move |label| (balance * (texts.of_label(label).len().max(FEW) as f64).ln()) as f32)
}

/// The texts to learn from and to calibrate with: of texts without others held out some are kept back.
fn kept_back<'a>(
    texts: &[TrainText<'a>],
    held_out: &[TrainText<'a>],
) -> (Vec<TrainText<'a>>, Vec<TrainText<'a>>) {
    if !held_out.is_empty() {
        return (texts.to_vec(), held_out.to_vec());
    }
    let numbered = texts.iter().copied().enumerate();
    let (kept_back, learnt) = numbered.partition::<Vec<_>, _>(|(n, _)| n % KEPT_BACK == 0);
    (strip(learnt), strip(kept_back))
}

fn strip<T>(numbered: Vec<(usize, T)>) -> Vec<T> {
    numbered.into_iter().map(|(_, text)| text).collect()
}

fn learn(
    mut network: Network,
    texts: &Texts,
    keys: &[u32],
    params: &TrainParams,
    monitor: &mut dyn Monitor,
) -> Result<(Network, [f32; WIDTH], Vec<Row>)> {
    let known = Known::new(texts, keys);
    let mut samples = Samples::new(texts, params.balance(), params.seed());
    let all = texts.len() as u64 * u64::from(params.epochs());
    let mut descend = |network: &mut Network, from: u64, to: u64, rows: bool| -> Result<()> {
        let (mut units, mut features) = (Vec::new(), Vec::new());
        for n in from..to {
            let label = samples.next(&mut units);
            known.features(&units, &mut features);
            if !features.is_empty() {
                network.step(&features, label, rate(params.rate(), n - from, to - from), rows);
            }
            if n % BATCH == 0 {
                let progress =
                    Progress { done: n, total: all + all / AFTERWARDS, ..Progress::default() };
                monitor.advance(progress).map_err(|_| Error::Interrupted)?;
            }
        }
        Ok(())
    };
    descend(&mut network, 0, all, true)?;
    let (units, rows) = network.round();
    descend(&mut network, all, all + all / AFTERWARDS, false)?;
    Ok((network, units, rows))
}

/// Falls from the first step size to zero, in a line.
#[expect(clippy::cast_precision_loss, reason = "a share")]
fn rate(first: f32, done: u64, total: u64) -> f32 {
    first * (1.0 - done as f32 / total.max(1) as f32)
}

/// The selected features of each unit.
struct Known {
    features: Vec<u32>,
    starts: Vec<usize>,
}

impl Known {
    fn new(texts: &Texts, keys: &[u32]) -> Self {
        let index = Index::new(keys);
        let (mut features, mut starts) = (Vec::new(), vec![0]);
        for unit in texts.key_starts.windows(2) {
            let places = texts.keys[unit[0]..unit[1]].iter().filter_map(|&key| index.place(key));
            features.extend(places.filter_map(|place| u32::try_from(place).ok()));
            starts.push(features.len());
        }
        Self { features, starts }
    }

    fn features(&self, units: &[u32], out: &mut Vec<u32>) {
        out.clear();
        for &unit in units {
            let unit = unit as usize;
            out.extend_from_slice(&self.features[self.starts[unit]..self.starts[unit + 1]]);
        }
    }
}
