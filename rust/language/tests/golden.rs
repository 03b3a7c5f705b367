//! Labels and probabilities are bit for bit those of the official library, for every loss, n-gram kind and file form.

#![expect(clippy::unwrap_used, reason = "a test fails by it")]

use std::fs;
use std::path::{Path, PathBuf};

use gamayun_language::{Model, Score, Scratch};
use serde::Deserialize;

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    text: String,
    labels: Vec<String>,
    probabilities: Vec<f32>,
}

#[derive(Deserialize)]
struct Predictions {
    model: Vec<Predicted>,
}

#[derive(Deserialize)]
struct Predicted {
    name: String,
    labels: Vec<Vec<String>>,
    probabilities: Vec<Vec<f32>>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn cases() -> Vec<Case> {
    let text = fs::read_to_string(root().join("tests/golden/lid176.toml")).unwrap();
    toml::from_str::<Cases>(&text).unwrap().case
}

fn lid() -> Model {
    Model::open(&root().join("python/gamayun_data/data/lid.176.ftz")).unwrap()
}

fn check(model: &Model, text: &str, labels: &[String], probabilities: &[f32], k: usize) {
    let (mut scratch, mut scores) = (Scratch::default(), Vec::new());
    for _ in 0..2 {
        model.predict(text, k, &mut scratch, &mut scores);
        let found: Vec<&str> = scores.iter().map(|score| model.label(score.label)).collect();
        assert_eq!(found, labels, "{text:?}");
        let found: Vec<f32> = scores.iter().map(|score| score.probability).collect();
        assert_eq!(found, probabilities, "{text:?}");
    }
}

#[test]
fn lid_176_answers_as_the_official_library() {
    let model = lid();
    assert_eq!(model.labels().len(), 176);
    for case in cases() {
        check(&model, &case.text, &case.labels, &case.probabilities, 3);
    }
}

#[test]
fn small_models_answer_as_the_official_library() {
    let folder = root().join("tests/golden/fasttext");
    let text = fs::read_to_string(folder.join("predictions.toml")).unwrap();
    let cases = cases();
    for predicted in toml::from_str::<Predictions>(&text).unwrap().model {
        let model = Model::open(&folder.join(&predicted.name)).unwrap();
        assert_eq!(predicted.labels.len(), cases.len(), "{}", predicted.name);
        let answers = predicted.labels.iter().zip(&predicted.probabilities);
        for (case, (labels, probabilities)) in cases.iter().zip(answers) {
            println!("{}: {:?}", predicted.name, case.text);
            check(&model, &case.text, labels, probabilities, 4);
        }
    }
}

#[test]
fn a_scratch_serves_one_model_after_another() {
    let (first, second) =
        (lid(), Model::open(&root().join("tests/golden/fasttext/ova.bin")).unwrap());
    let mut shared = Scratch::default();
    for case in cases() {
        for model in [&first, &second] {
            let (mut expected, mut found) = (Vec::new(), Vec::<Score>::new());
            model.predict(&case.text, 3, &mut Scratch::default(), &mut expected);
            model.predict(&case.text, 3, &mut shared, &mut found);
            assert_eq!(found, expected, "{:?}", case.text);
        }
    }
}

#[test]
fn all_labels_can_be_asked_for() {
    let model = Model::open(&root().join("tests/golden/fasttext/softmax.bin")).unwrap();
    let mut scores = Vec::new();
    model.predict("a text", usize::MAX, &mut Scratch::default(), &mut scores);
    assert_eq!(scores.len(), model.labels().len());
    assert!(scores.is_sorted_by(|a, b| a.probability >= b.probability));
    model.predict("a text", 0, &mut Scratch::default(), &mut scores);
    assert!(scores.is_empty());
    assert_eq!(model.label(u32::MAX), "");
}

#[test]
fn a_model_is_shared_between_threads() {
    fn shared<T: Send + Sync>() {}
    shared::<Model>();
}
