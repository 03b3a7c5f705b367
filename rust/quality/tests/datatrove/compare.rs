//! Documents of `datatrove` against ours: every number, every verdict, and the drift of our own words.
#![expect(clippy::unwrap_used, reason = "part of the tests")]

use std::collections::BTreeMap;

use gamayun_quality::rules::Group;
use gamayun_quality::{
    MEASUREMENTS, Measured, Metric, Profile, Scratch, Segmenter, c4, judge, measure,
    measure_in_order,
};
use gamayun_text::hash::hash64;
use serde_json::Value;

/// Documents, and those of them on which both sides agree.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Agreement {
    pub(crate) documents: u64,
    pub(crate) same_verdict: u64,
    pub(crate) same_reason: u64,
}

impl Agreement {
    fn add(&mut self, theirs: &str, ours: &str) {
        self.documents += 1;
        self.same_verdict += u64::from(theirs.is_empty() == ours.is_empty());
        self.same_reason += u64::from(theirs == ours);
    }
}

/// What the documents of one language add up to.
#[derive(Debug, Default)]
pub(crate) struct Comparison {
    pub(crate) documents: u64,
    /// Verdicts that `datatrove` does not reach: it divides by zero, or does not find a sentence again.
    pub(crate) undefined: u64,
    pub(crate) words_there: u64,
    /// Words of our own segmenter.
    pub(crate) words_here: u64,
    /// On the same words and sentences: (filter, reason there or "") to agreement.
    pub(crate) given: BTreeMap<(String, String), Agreement>,
    /// With our own words and sentences: (settings, reason there or "") to agreement.
    pub(crate) own: BTreeMap<(String, String), Agreement>,
    /// One line for every number or reason that differs on the same words.
    pub(crate) differences: Vec<String>,
}

/// `en` where C4 is asked alone, with its rule of terminal punctuation.
const STRICT: &str = "name = \"c4\"\norder = [\"c4_quality\"]\n";

impl Comparison {
    /// Compares a document that `rules_parity_dump.py` wrote; `bad_words` are the words of its language.
    pub(crate) fn add(
        &mut self,
        record: &Value,
        bad_words: Option<&[&str]>,
        scratch: &mut Scratch,
    ) {
        let (text, words) = (string(&record["text"]), strings(&record["words"]));
        self.documents += 1;
        self.words_there += words.len() as u64;
        for (settings, said) in record["said"].as_object().unwrap() {
            let profile = Profile::shipped(settings).unwrap();
            let measured = measure(text, &words, profile, scratch);
            self.compare_numbers(record, &measured.values, text);
            for group in [Group::GopherRepetition, Group::FineWebQuality, Group::GopherQuality] {
                let ours = judge(&measured.values, &profile.only(group));
                let ours = ours.map_or("", |verdict| verdict.reason);
                self.given(
                    record,
                    &format!("{}/{settings}", group.name()),
                    &said[group.name()],
                    ours,
                );
            }
        }
        self.compare_c4(record, text, bad_words);
        self.compare_chain(record, text, &words, scratch);
        self.compare_own_words(record, text, scratch);
    }

    fn given(&mut self, record: &Value, filter: &str, theirs: &Value, ours: &str) {
        let theirs = string(theirs);
        if is_error(theirs) {
            self.undefined += 1;
            return;
        }
        self.given.entry((filter.into(), theirs.into())).or_default().add(theirs, ours);
        if theirs != ours {
            self.differences
                .push(format!("{}: {filter}: {theirs:?} there, {ours:?} here", record["id"]));
        }
    }

    /// C4 quality in both forms, the text that it leaves, and the two others.
    fn compare_c4(&mut self, record: &Value, text: &str, bad_words: Option<&[&str]>) {
        let strict = Profile::parse(STRICT, "c4").unwrap();
        let fineweb = Profile::shipped("en").unwrap().only(Group::C4Quality);
        for (name, profile) in [("quality", &strict), ("fineweb", &fineweb)] {
            let said = &record["c4"][name];
            let (left, reason) = c4_quality(text, profile, &said["sentences"]);
            self.given(record, &format!("c4_{name}"), &said["reason"], reason);
            let left = format!("{:016x}", hash64(left.as_bytes()));
            if !is_error(string(&said["reason"])) && left != string(&said["text"]) {
                self.differences.push(format!("{}: c4_{name}: another text", record["id"]));
            }
        }
        let long = c4::third_longest_line(text) >= 200;
        let ours = if long { "" } else { "< 3 paragraphs" };
        self.given(record, "c4_paragraph", &record["c4"]["paragraph"], ours);
        if let (Some(words), Some(_)) = (bad_words, record["c4"]["bad_words"].as_str()) {
            let language = string(&record["lang"]);
            let found = c4::BadWords::new(words.iter().copied(), language).unwrap().occur_in(text);
            let ours = if found { "document_removed_with_badwords" } else { "" };
            self.given(record, "c4_bad_words", &record["c4"]["bad_words"], ours);
        }
    }

    /// FineWeb's filters one after the other, of which the last sees what C4 left.
    fn compare_chain(&mut self, record: &Value, text: &str, words: &[&str], scratch: &mut Scratch) {
        let english = Profile::shipped("en").unwrap();
        let first = measure(text, words, english, scratch);
        let reason = |measured: &Measured, group| {
            judge(&measured.values, &english.only(group)).map(|verdict| verdict.reason)
        };
        let c4_only = english.only(Group::C4Quality);
        let (left, c4_reason) = c4_quality(text, &c4_only, &record["c4"]["fineweb"]["sentences"]);
        let ours = reason(&first, Group::GopherRepetition)
            .or_else(|| reason(&first, Group::GopherQuality))
            .or_else(|| Some(c4_reason).filter(|reason| !reason.is_empty()))
            .or_else(|| {
                // Where datatrove dropped the text before, any words do: the reasons differ then.
                let words =
                    record["chain"]["words"].as_array().map(|_| strings(&record["chain"]["words"]));
                let last = measure(&left, &words.unwrap_or_default(), english, scratch);
                reason(&last, Group::FineWebQuality)
            });
        self.given(record, "fineweb_chain", &record["chain"]["reason"], ours.unwrap_or(""));
    }

    /// The whole chain under `datatrove`'s defaults, and FineWeb2's under its settings of the language.
    fn compare_own_words(&mut self, record: &Value, text: &str, scratch: &mut Scratch) {
        let language = string(&record["lang"]);
        let segmenter = Segmenter::for_language(language);
        let mut words = Vec::new();
        segmenter.segment(text, &mut words);
        self.words_here += words.len() as u64;
        let mut ours = |profile: &Profile| {
            let ordered = measure_in_order(text, &words, profile, &segmenter, 1.0, scratch);
            judge(&ordered.measured.values, profile).map_or("", |verdict| verdict.reason)
        };
        let default = ours(Profile::shipped("en").unwrap());
        self.own("fineweb", string(&record["chain"]["reason"]), default);
        if language != "en" {
            let profile = Profile::shipped(language).unwrap();
            let said = &record["said"][language];
            let mut reasons = profile.order().iter().map(|group| string(&said[group.name()]));
            let theirs = reasons.find(|reason| !reason.is_empty()).unwrap_or("");
            self.own("fineweb2", theirs, ours(profile));
        }
    }

    fn own(&mut self, settings: &str, theirs: &str, ours: &str) {
        if is_error(theirs) {
            return;
        }
        self.own.entry((settings.into(), theirs.into())).or_default().add(theirs, ours);
    }

    /// Every share that the repetition filters compare must be the same f64.
    #[expect(clippy::cast_precision_loss, reason = "counts of one document")]
    fn compare_numbers(&mut self, record: &Value, measured: &[f64], text: &str) {
        let Some(numbers) = record.get("numbers") else { return };
        let characters = text.chars().count() as f64;
        let inside = text.chars().filter(|&c| c != '\n').count() as f64;
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

/// `datatrove` gave no verdict but failed.
fn is_error(reason: &str) -> bool {
    reason.ends_with("Error")
}

fn string(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn strings(value: &Value) -> Vec<&str> {
    value.as_array().unwrap().iter().map(string).collect()
}

/// The text that C4 quality leaves on `datatrove`'s sentences, and its reason; a dropped text is left as it was.
#[expect(clippy::cast_precision_loss, reason = "counts of one document")]
fn c4_quality(text: &str, profile: &Profile, sentences: &Value) -> (String, &'static str) {
    let mut sentences = sentences.as_array().unwrap().iter().map(|count| count.as_u64().unwrap());
    let lines = c4::lines(text, &profile.c4_lines().unwrap(), |_| sentences.next().unwrap_or(0));
    let mut values = [f64::NAN; MEASUREMENTS.len()];
    let stopped = |stop| f64::from(u8::from(lines.stop == Some(stop)));
    values[Metric::C4LoremIpsum as usize] = stopped(c4::Stop::LoremIpsum);
    values[Metric::C4CurlyBracket as usize] = stopped(c4::Stop::CurlyBracket);
    values[Metric::C4Sentences as usize] = lines.sentences as f64;
    match judge(&values, profile) {
        Some(verdict) => (text.to_owned(), verdict.reason),
        None => (c4::apply(text, &lines.edits), ""),
    }
}
