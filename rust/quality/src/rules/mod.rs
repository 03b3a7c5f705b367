//! The registry of rules: each is a file with its examples and a line here.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::measurement::{MEASUREMENTS, Metric};
use crate::profile::Profile;

mod addresses;
mod alpha_words;
mod backwards;
mod bullet_lines;
mod c4_bad_words;
mod c4_curly_bracket;
mod c4_lorem_ipsum;
mod c4_paragraphs;
mod c4_sentences;
mod capitals;
mod char_dup;
mod consent;
mod dup_line_chars;
mod dup_lines;
mod dup_paragraph_chars;
mod dup_paragraphs;
mod duplicated_n_grams;
mod ellipses;
mod ellipsis_lines;
mod empty;
mod few_letters;
mod garbled;
mod hashes;
mod invisible_characters;
mod key_words;
mod line_punct;
mod list;
mod list_page;
mod long_chunks;
mod long_document;
mod long_words;
mod lorem;
mod lost_characters;
mod markup;
mod misread;
mod mixed_words;
mod perplexity;
mod question_marks;
mod repeated_text;
mod script_changes;
mod short_document;
mod short_lines;
mod short_words;
mod single_letters;
mod split_words;
mod stop_words;
mod strange_letters;
mod top_n_gram;
mod word_order;

/// Every rule; those of a group in the order in which `datatrove` checks them.
const REGISTRY: &[&[Rule]] = &[
    // Gopher repetition
    dup_paragraphs::RULES,
    dup_paragraph_chars::RULES,
    dup_lines::RULES,
    dup_line_chars::RULES,
    top_n_gram::RULES,
    duplicated_n_grams::RULES,
    // FineWeb quality
    empty::RULES,
    line_punct::RULES,
    short_lines::RULES,
    char_dup::RULES,
    list::RULES,
    // Gopher quality
    short_document::RULES,
    long_document::RULES,
    short_words::RULES,
    long_words::RULES,
    hashes::RULES,
    ellipses::RULES,
    bullet_lines::RULES,
    ellipsis_lines::RULES,
    alpha_words::RULES,
    stop_words::RULES,
    // C4 quality, paragraphs and bad words
    c4_lorem_ipsum::RULES,
    c4_curly_bracket::RULES,
    c4_sentences::RULES,
    c4_paragraphs::RULES,
    c4_bad_words::RULES,
    // Junk
    lost_characters::RULES,
    invisible_characters::RULES,
    question_marks::RULES,
    misread::RULES,
    few_letters::RULES,
    capitals::RULES,
    script_changes::RULES,
    mixed_words::RULES,
    single_letters::RULES,
    addresses::RULES,
    long_chunks::RULES,
    markup::RULES,
    lorem::RULES,
    consent::RULES,
    split_words::RULES,
    list_page::RULES,
    repeated_text::RULES,
    key_words::RULES,
    // Fluency
    perplexity::RULES,
    garbled::RULES,
    strange_letters::RULES,
    backwards::RULES,
    word_order::RULES,
];

/// Every rule, with what help texts, docs and tests are made from.
pub fn catalogue() -> impl Iterator<Item = &'static Rule> {
    REGISTRY.iter().copied().flatten()
}

/// A group of rules: one filter of `datatrove`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Group {
    /// Repeated paragraphs, lines and n-grams (Rae et al. 2021, table A1).
    GopherRepetition,
    /// Ends and lengths of lines, repeated lines, lists (Penedo et al. 2024).
    #[serde(rename = "fineweb_quality")]
    FineWebQuality,
    /// Number and length of words, symbols, stop words (Rae et al. 2021, section A1.1).
    GopherQuality,
    /// Lines left out, and what is then too little (Raffel et al. 2020). It edits the text that later groups see.
    C4Quality,
    /// Long paragraphs (Xue et al. 2021).
    C4Paragraph,
    /// Bad words (Raffel et al. 2020).
    C4BadWords,
    /// What is no text, whatever its language: lost characters, encoded data, lists, banners.
    Junk,
    /// What does not read like its language, by a model of it.
    Fluency,
}

impl Group {
    /// All groups.
    pub const ALL: [Self; 8] = [
        Self::GopherRepetition,
        Self::FineWebQuality,
        Self::GopherQuality,
        Self::C4Quality,
        Self::C4Paragraph,
        Self::C4BadWords,
        Self::Junk,
        Self::Fluency,
    ];

    /// Its name in a profile.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GopherRepetition => "gopher_repetition",
            Self::FineWebQuality => "fineweb_quality",
            Self::GopherQuality => "gopher_quality",
            Self::C4Quality => "c4_quality",
            Self::C4Paragraph => "c4_paragraph",
            Self::C4BadWords => "c4_bad_words",
            Self::Junk => "junk",
            Self::Fluency => "fluency",
        }
    }
}

/// On which side of the threshold a document is dropped. On the threshold it is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drops {
    /// A greater value is dropped.
    Above,
    /// A smaller value is dropped.
    Below,
}

/// A text that a rule keeps and one that it drops, both English.
#[derive(Clone, Copy, Debug)]
pub struct Examples {
    /// The threshold of the examples.
    pub threshold: f64,
    /// A text that the rule keeps.
    pub kept: &'static str,
    /// A text that the rule drops.
    pub dropped: &'static str,
}

/// One comparison of a measurement with a threshold.
pub struct Rule {
    /// Its name.
    pub name: &'static str,
    /// The reason as `datatrove` spells it.
    pub reason: &'static str,
    /// The group it belongs to.
    pub group: Group,
    /// What it drops, in one sentence.
    pub summary: &'static str,
    /// What it looks at.
    pub metric: Metric,
    /// Name of the threshold in the group's table of a profile; empty where it is fixed.
    pub parameter: &'static str,
    /// On which side it drops.
    pub drops: Drops,
    /// Whether a threshold of 0 means "off", as in `datatrove`.
    pub zero_is_off: bool,
    /// The threshold in a profile.
    pub(crate) of: fn(&Profile) -> Option<f64>,
    /// A kept and a dropped text.
    pub examples: Examples,
}

impl Rule {
    /// The threshold that a profile sets; `None` where the rule is off.
    #[must_use]
    pub fn threshold(&self, profile: &Profile) -> Option<f64> {
        (self.of)(profile).filter(|&threshold| !(self.zero_is_off && threshold == 0.0))
    }

    /// Whether a value breaks a threshold; NaN never does.
    pub(crate) fn fails(&self, value: f64, threshold: f64, profile: &Profile) -> bool {
        let exempt = self.metric as usize == Metric::LinePunct as usize
            && profile.fineweb_quality.line_punct_exclude_zero
            && value == 0.0;
        match self.drops {
            Drops::Above => value > threshold,
            Drops::Below => value < threshold && !exempt,
        }
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({}: {})", self.name, MEASUREMENTS[self.metric as usize].name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Scratch, Segmenter, measure_in_order, measure_junk};

    /// Each group sees the text as it is: C4 quality comes last.
    const PROFILE: &str = r#"
        name = "examples"
        language = "en"
        order = ["gopher_repetition", "fineweb_quality", "gopher_quality", "c4_paragraph", "c4_bad_words", "c4_quality"]
        [gopher_quality]
        stop_words = ["the", "be", "to", "of", "and", "that", "have", "with"]
        [c4_quality]
        filter_no_terminal_punct = false
        [c4_bad_words]
        words = ["darn"]
    "#;

    #[test]
    fn every_example_is_judged_as_it_says() {
        let profile = Profile::parse(PROFILE, "examples").unwrap();
        let segmenter = Segmenter::for_language("en");
        let value = |text: &str, metric: Metric| {
            let mut words = Vec::new();
            segmenter.segment(text, &mut words);
            let scratch = &mut Scratch::default();
            let mut measured =
                measure_in_order(text, &words, &profile, &segmenter, 0.5, scratch).measured;
            measure_junk(text, "en", scratch, &mut measured);
            measured.get(metric)
        };
        for rule in catalogue() {
            let Examples { threshold, kept, dropped } = rule.examples;
            let fails = |text| rule.fails(value(text, rule.metric), threshold, &profile);
            assert!(!fails(kept), "{rule:?} drops {kept:?}");
            assert!(fails(dropped), "{rule:?} keeps {dropped:?}");
        }
    }

    #[test]
    fn names_and_reasons_are_unique() {
        let mut names: Vec<_> = catalogue().map(|rule| rule.reason).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), catalogue().count());
    }
}
