//! Documents of `datatrove` against ours: every number, every verdict, and the drift of our own words.
#![expect(clippy::unwrap_used, reason = "part of the tests")]

use std::fs;
use std::path::Path;

use gamayun_quality::rules::Group;
use gamayun_quality::{MEASUREMENTS, Metric, Profile, Scratch, Segmenter, judge, measure};
use serde_json::Value;

/// What the documents of one file add up to.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) documents: u64,
    /// Documents that `datatrove` keeps under FineWeb2's settings of their language.
    pub(crate) kept: u64,
    /// Verdicts that `datatrove` does not reach: it divides by zero.
    pub(crate) undefined: u64,
    pub(crate) words_there: u64,
    /// Words of our own segmenter.
    pub(crate) words_here: u64,
    /// Documents with the same verdict when our own segmenter makes the words.
    pub(crate) same_verdict: u64,
    /// The same, and the same reason.
    pub(crate) same_reason: u64,
    /// One line for every number or reason that differs on the same words.
    pub(crate) differences: Vec<String>,
}

impl Comparison {
    /// Compares every document of a file that `rules_parity.py dump` wrote.
    pub(crate) fn of_file(path: &Path, scratch: &mut Scratch) -> Self {
        let mut comparison = Self::default();
        for line in fs::read_to_string(path).unwrap().lines() {
            comparison.add(&serde_json::from_str(line).unwrap(), scratch);
        }
        comparison
    }

    fn add(&mut self, record: &Value, scratch: &mut Scratch) {
        let text = record["text"].as_str().unwrap();
        let words: Vec<&str> =
            record["words"].as_array().unwrap().iter().map(|word| word.as_str().unwrap()).collect();
        self.documents += 1;
        self.words_there += words.len() as u64;
        for (settings, said) in record["said"].as_object().unwrap() {
            let profile = Profile::shipped(settings).unwrap();
            let measured = measure(text, &words, profile, scratch).values;
            self.compare_numbers(record, &measured, text);
            self.compare_verdicts(record, said, &measured, profile);
            if record["lang"] == settings.as_str() {
                self.compare_own_words(said, text, profile, scratch);
            }
        }
    }

    fn compare_verdicts(
        &mut self,
        record: &Value,
        said: &Value,
        measured: &[f64],
        profile: &Profile,
    ) {
        for group in Group::ALL {
            let theirs = said[group.name()].as_str().unwrap();
            let ours = judge(measured, &profile.only(group)).map_or("", |verdict| verdict.reason);
            if theirs == "ZeroDivisionError" {
                self.undefined += 1;
            } else if theirs != ours {
                self.differences.push(format!(
                    "{}: {}: {theirs:?} there, {ours:?} here",
                    record["id"],
                    profile.name()
                ));
            }
        }
    }

    fn compare_own_words(
        &mut self,
        said: &Value,
        text: &str,
        profile: &Profile,
        scratch: &mut Scratch,
    ) {
        let mut words = Vec::new();
        Segmenter::for_language(profile.language()).segment(text, &mut words);
        let measured = measure(text, &words, profile, scratch).values;
        let ours = judge(&measured, profile).map_or("", |verdict| verdict.reason);
        let mut reasons = profile.order().iter().map(|group| said[group.name()].as_str().unwrap());
        let theirs = reasons.find(|reason| !reason.is_empty()).unwrap_or("");
        self.words_here += words.len() as u64;
        self.kept += u64::from(theirs.is_empty());
        self.same_verdict += u64::from(theirs.is_empty() == ours.is_empty());
        self.same_reason += u64::from(theirs == ours);
    }

    /// Every share that the repetition filters compare must be the same f64.
    #[expect(clippy::cast_precision_loss, reason = "counts of one document")]
    fn compare_numbers(&mut self, record: &Value, measured: &[f64], text: &str) {
        let characters = text.chars().count() as f64;
        let inside = text.chars().filter(|&c| c != '\n').count() as f64;
        let numbers = &record["numbers"];
        let paragraphs = numbers["paragraphs"][0].as_f64().unwrap();
        let lines = numbers["lines"][0].as_f64().unwrap();
        let top = Metric::Top2Gram as usize;
        let duplicated = Metric::Dup5Gram as usize;
        let mut shares = vec![
            (Metric::DupParaFrac as usize, &numbers["paragraphs"][1], paragraphs),
            (Metric::DupParaCharFrac as usize, &numbers["paragraphs"][2], characters),
            (Metric::DupLineFrac as usize, &numbers["lines"][1], lines),
            (Metric::DupLineCharFrac as usize, &numbers["lines"][2], characters),
            (Metric::Lines as usize, &numbers["filled"][0], 1.0),
            (Metric::CharDup as usize, &numbers["filled"][2], inside),
        ];
        shares.extend((0..3).map(|i| (top + i, &numbers["top"][i], characters)));
        shares.extend((0..6).map(|i| (duplicated + i, &numbers["duplicated"][i], characters)));
        for (metric, part, whole) in shares {
            let theirs = part.as_f64().map_or(f64::NAN, |part| part / whole);
            let ours = measured[metric];
            if theirs.to_bits() != ours.to_bits() && !(theirs.is_nan() && ours.is_nan()) {
                let name = MEASUREMENTS[metric].name;
                self.differences
                    .push(format!("{}: {name}: {theirs} there, {ours} here", record["id"]));
            }
        }
    }
}
