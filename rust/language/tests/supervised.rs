//! Training: what is learnt, and that threads, order and memory do not show in the model.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::path::PathBuf;

use gamayun_language::supervised::{
    Example, QuantiseParams, TrainLoss, TrainParams, TrainSettings, train,
};
use gamayun_language::{Error, Model, Scratch};
use gamayun_text::{Interrupted, Monitor, Progress};

const LOSSES: [TrainLoss; 4] = [
    TrainLoss::Softmax,
    TrainLoss::HierarchicalSoftmax,
    TrainLoss::NegativeSampling,
    TrainLoss::OneVersusAll,
];

/// A text of label `label` from a small generator: a few words of its own among common ones.
fn text(label: usize, number: usize) -> String {
    let mut state = (label * 7919 + number * 104_729 + 1) as u64;
    let mut next = |n: u64| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % n
    };
    let word = |n: u64| match n {
        0..6 => format!("common{n}"),
        _ => format!("word{label}{n}"),
    };
    (0..30).map(|_| word(next(9))).collect::<Vec<_>>().join(" ")
}

struct Data {
    texts: Vec<String>,
    labels: Vec<u32>,
    names: Vec<String>,
}

fn data(labels: usize, each: usize) -> Data {
    let pairs = (0..each).flat_map(|number| (0..labels).map(move |label| (label, number)));
    let (labels_of, texts) =
        pairs.map(|(label, n)| (u32::try_from(label).unwrap(), text(label, n))).unzip();
    let names = (0..labels).map(|label| format!("l{label}")).collect();
    Data { texts, labels: labels_of, names }
}

impl Data {
    fn examples(&self) -> Vec<Example<'_>> {
        let pairs = self.texts.iter().zip(&self.labels);
        pairs.map(|(text, label)| Example { text, labels: std::slice::from_ref(label) }).collect()
    }
}

fn small(loss: TrainLoss) -> TrainSettings {
    TrainSettings {
        dim: 40,
        epochs: 20,
        learning_rate: 0.5,
        buckets: 5000,
        loss,
        max_n: 3,
        min_n: 2,
        ..Default::default()
    }
}

fn bytes(examples: &[Example<'_>], names: &[String], settings: TrainSettings) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path: PathBuf = folder.path().join("model.bin");
    let params = TrainParams::new(settings).unwrap();
    train(examples, names, &params, &mut ()).unwrap().write(&path).unwrap();
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    std::fs::read(path).unwrap()
}

#[test]
fn every_loss_learns_to_tell_unseen_texts_apart() {
    let data = data(5, 60);
    for loss in LOSSES {
        let file = bytes(&data.examples(), &data.names, small(loss));
        let model = Model::from_bytes(&file, "trained").unwrap();
        let (mut scratch, mut scores, mut right) = (Scratch::default(), Vec::new(), 0);
        for label in 0..5 {
            for number in 1000..1020 {
                model.predict(&text(label, number), 1, &mut scratch, &mut scores);
                right += usize::from(model.label(scores[0].label) == format!("l{label}"));
            }
        }
        assert!(right >= 97, "{loss:?}: {right} of 100");
    }
}

#[test]
fn threads_memory_and_order_do_not_show_in_the_model() {
    let data = data(4, 25);
    for loss in LOSSES {
        let expected = bytes(&data.examples(), &data.names, small(loss));
        for threads in [2, 3, 7] {
            let settings = TrainSettings { threads, ..small(loss) };
            assert!(bytes(&data.examples(), &data.names, settings) == expected, "{threads}");
        }
        for memory in [0, 20_000] {
            let settings = TrainSettings { threads: 2, memory, ..small(loss) };
            assert!(bytes(&data.examples(), &data.names, settings) == expected, "{memory}");
        }
        let mut turned = data.examples();
        turned.reverse();
        turned.rotate_left(13);
        assert!(bytes(&turned, &data.names, small(loss)) == expected, "order");
        let names: Vec<String> = data.names.iter().rev().cloned().collect();
        let labels: Vec<u32> = data.labels.iter().map(|label| 3 - label).collect();
        let renamed = Data { texts: data.texts.clone(), labels, names };
        assert!(bytes(&renamed.examples(), &renamed.names, small(loss)) == expected, "names");
        let seeded = TrainSettings { seed: 1, ..small(loss) };
        assert!(bytes(&data.examples(), &data.names, seeded) != expected, "seed");
    }
}

#[test]
fn rare_words_have_no_row_and_odd_tokens_no_meaning() {
    let texts = ["a a b __label__x \0c", "a a d </s> never\nread", ""];
    let labels = [0, 1, 1];
    let examples: Vec<Example<'_>> = texts
        .iter()
        .zip(&labels)
        .map(|(text, label)| Example { text, labels: std::slice::from_ref(label) })
        .collect();
    let names = ["p".to_owned(), "q".to_owned()];
    let settings = TrainSettings { min_count: 2, word_ngrams: 1, ..Default::default() };
    let params = TrainParams::new(settings).unwrap();
    let trained = train(&examples, &names, &params, &mut ()).unwrap();
    assert_eq!(trained.words(), 2); // `a` and the end of a line
    assert_eq!(trained.rows(), 2);
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let params = |rate| {
        TrainParams::new(TrainSettings { learning_rate: rate, ..small(TrainLoss::Softmax) })
            .unwrap()
    };
    let all = data(2, 20);
    let alone: Vec<_> = all.examples().into_iter().filter(|e| e.labels == [1]).collect();
    let refused = |examples: &[Example<'_>], rate| {
        train(examples, &all.names, &params(rate), &mut ()).unwrap_err()
    };
    assert!(matches!(refused(&alone, 0.1), Error::TooFewLabels { .. }));
    assert!(matches!(refused(&[], 0.1), Error::TooFewLabels { .. }));
    let unknown = Example { text: "a", labels: &[2] };
    assert!(matches!(refused(&[unknown], 0.1), Error::UnknownLabel { label: 2, labels: 2 }));
}

struct StopAfter(u32);

impl Monitor for StopAfter {
    fn advance(&mut self, progress: Progress) -> Result<(), Interrupted> {
        assert!(progress.done <= progress.total);
        self.0 = self.0.checked_sub(1).ok_or(Interrupted)?;
        Ok(())
    }
}

#[test]
fn a_monitor_stops_all_threads() {
    let data = data(2, 2000);
    for threads in [1, 3] {
        let settings = TrainSettings { threads, epochs: 1000, ..small(TrainLoss::Softmax) };
        let params = TrainParams::new(settings).unwrap();
        let stopped = train(&data.examples(), &data.names, &params, &mut StopAfter(3));
        assert!(matches!(stopped.unwrap_err(), Error::Interrupted));
    }
}

#[test]
fn a_quantised_model_says_nearly_the_same_in_fewer_bytes() {
    let data = data(5, 60);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.ftz");
    let write = |quantise: &QuantiseParams, threads| {
        let params =
            TrainParams::new(TrainSettings { threads, ..small(TrainLoss::Softmax) }).unwrap();
        let trained = train(&data.examples(), &data.names, &params, &mut ()).unwrap();
        trained.write_quantised(&path, quantise).unwrap();
        std::fs::read(&path).unwrap()
    };
    let whole = bytes(&data.examples(), &data.names, small(TrainLoss::Softmax)).len();
    for (cutoff, norms, width) in [(0, true, 2), (0, false, 3), (300, true, 2), (300, false, 7)] {
        let quantise = QuantiseParams { cutoff, norms, width, output: false };
        let file = write(&quantise, 1);
        assert!(file == write(&quantise, 3), "threads");
        assert!(file.len() < whole / 3, "{} of {whole}", file.len());
        let model = Model::from_bytes(&file, "quantised").unwrap();
        let (mut scratch, mut scores, mut right) = (Scratch::default(), Vec::new(), 0);
        for label in 0..5 {
            for number in 1000..1020 {
                model.predict(&text(label, number), 1, &mut scratch, &mut scores);
                right += usize::from(model.label(scores[0].label) == format!("l{label}"));
            }
        }
        assert!(right >= 90, "{quantise:?}: {right} of 100");
    }
}
