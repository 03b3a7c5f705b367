//! A profile: which rules judge a language, in which order, with which thresholds.

use gamayun_text::hash::hash64;
use serde::{Deserialize, Serialize};

use crate::c4::{BadWords, LinesParams};
use crate::error::{Error, Result};
use crate::rules::{Group, catalogue};
use crate::shipped;

/// The thresholds of Gopher repetition (Rae et al. 2021, table A1). An absent one is off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GopherRepetition {
    pub(crate) dup_para_frac: Option<f64>,
    pub(crate) dup_para_char_frac: Option<f64>,
    pub(crate) dup_line_frac: Option<f64>,
    pub(crate) dup_line_char_frac: Option<f64>,
    pub(crate) top_2_gram: Option<f64>,
    pub(crate) top_3_gram: Option<f64>,
    pub(crate) top_4_gram: Option<f64>,
    pub(crate) dup_5_gram: Option<f64>,
    pub(crate) dup_6_gram: Option<f64>,
    pub(crate) dup_7_gram: Option<f64>,
    pub(crate) dup_8_gram: Option<f64>,
    pub(crate) dup_9_gram: Option<f64>,
    pub(crate) dup_10_gram: Option<f64>,
}

/// The thresholds and settings of FineWeb quality (Penedo et al. 2024). An absent threshold is off.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FineWebQuality {
    pub(crate) line_punct_thr: Option<f64>,
    pub(crate) line_punct_exclude_zero: bool,
    pub(crate) short_line_thr: Option<f64>,
    pub(crate) short_line_length: u64,
    pub(crate) char_duplicates_ratio: Option<f64>,
    pub(crate) new_line_ratio: Option<f64>,
}

impl Default for FineWebQuality {
    fn default() -> Self {
        Self {
            line_punct_thr: None,
            line_punct_exclude_zero: false,
            short_line_thr: None,
            short_line_length: 30,
            char_duplicates_ratio: None,
            new_line_ratio: None,
        }
    }
}

/// The thresholds of Gopher quality (Rae et al. 2021, section A1.1). An absent one is off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct GopherQuality {
    pub(crate) min_doc_words: Option<f64>,
    pub(crate) max_doc_words: Option<f64>,
    pub(crate) min_avg_word_length: Option<f64>,
    pub(crate) max_avg_word_length: Option<f64>,
    pub(crate) max_symbol_word_ratio: Option<f64>,
    pub(crate) max_bullet_lines_ratio: Option<f64>,
    pub(crate) max_ellipsis_lines_ratio: Option<f64>,
    pub(crate) min_alpha_words_ratio: Option<f64>,
    pub(crate) min_stop_words: Option<f64>,
    pub(crate) stop_words: Vec<String>,
}

/// The settings of C4 quality (Raffel et al. 2020), named as in `datatrove`. What is absent is as in C4.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "each turns one rule of C4 on or off")]
pub(crate) struct C4Quality {
    pub(crate) min_num_sentences: Option<f64>,
    filter_no_terminal_punct: bool,
    remove_citations: bool,
    min_words_per_line: u64,
    max_word_length: u64,
    filter_lorem_ipsum: bool,
    filter_javascript: bool,
    filter_curly_bracket: bool,
    filter_policy: bool,
}

impl Default for C4Quality {
    fn default() -> Self {
        let lines = LinesParams::default();
        Self {
            min_num_sentences: Some(5.0),
            filter_no_terminal_punct: lines.terminal_punctuation,
            remove_citations: lines.remove_citations,
            min_words_per_line: lines.min_words,
            max_word_length: lines.max_word_length,
            filter_lorem_ipsum: lines.lorem_ipsum,
            filter_javascript: lines.javascript,
            filter_curly_bracket: lines.curly_bracket,
            filter_policy: lines.policy,
        }
    }
}

/// The setting of the paragraph rule of mC4 (Xue et al. 2021).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct C4Paragraph {
    pub(crate) min_paragraph_length: Option<f64>,
}

impl Default for C4Paragraph {
    fn default() -> Self {
        Self { min_paragraph_length: Some(200.0) }
    }
}

/// The bad words of a language, and the share of documents with them that stays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct C4BadWords {
    pub(crate) keep_fraction: f64,
    words: Vec<String>,
    #[serde(skip)]
    search: Search,
}

/// The search for the words beside it: what equals them equals it.
#[derive(Clone, Debug, Default)]
struct Search(Option<BadWords>);

impl PartialEq for Search {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

fn is_default<T: Default + PartialEq>(table: &T) -> bool {
    *table == T::default()
}

/// The thresholds of junk. An absent one is off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Junk {
    pub(crate) max_broken_chars: Option<f64>,
    pub(crate) max_invisible_chars: Option<f64>,
    pub(crate) max_question_marks: Option<f64>,
    pub(crate) max_misread_chars: Option<f64>,
    pub(crate) min_letters: Option<f64>,
    pub(crate) max_uppercase: Option<f64>,
    pub(crate) max_script_changes: Option<f64>,
    pub(crate) max_mixed_words: Option<f64>,
    pub(crate) max_single_letters: Option<f64>,
    pub(crate) max_addresses: Option<f64>,
    pub(crate) max_long_chunks: Option<f64>,
    pub(crate) max_markup: Option<f64>,
    pub(crate) max_lorem: Option<f64>,
    pub(crate) max_consent: Option<f64>,
    pub(crate) max_split_words: Option<f64>,
    pub(crate) max_list_lines: Option<f64>,
    pub(crate) max_repeated_text: Option<f64>,
    pub(crate) max_commas: Option<f64>,
}

/// The thresholds of fluency. An absent one is off.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct FluencyRules {
    pub(crate) max_relative_perplexity: Option<f64>,
    pub(crate) max_garbled: Option<f64>,
    pub(crate) max_strange_letters: Option<f64>,
    pub(crate) min_direction: Option<f64>,
    pub(crate) min_word_order: Option<f64>,
}

/// Which rules judge a language, in which order, with which thresholds. It exists only if it is valid.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    name: String,
    /// The language that the stop words and thresholds are made for; empty for none.
    #[serde(default)]
    language: String,
    /// Where the values come from, in prose.
    #[serde(default)]
    source: String,
    order: Vec<Group>,
    #[serde(default)]
    pub(crate) gopher_repetition: GopherRepetition,
    #[serde(default)]
    pub(crate) fineweb_quality: FineWebQuality,
    #[serde(default)]
    pub(crate) gopher_quality: GopherQuality,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) c4_quality: C4Quality,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) c4_paragraph: C4Paragraph,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) c4_bad_words: C4BadWords,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) junk: Junk,
    #[serde(default, skip_serializing_if = "is_default")]
    pub(crate) fluency: FluencyRules,
}

impl Profile {
    /// The shipped profile of this name; most are named for their language.
    #[must_use]
    pub fn shipped(language: &str) -> Option<&'static Self> {
        shipped::find(language)
    }

    /// The profile without rules: every document is kept.
    #[must_use]
    pub fn none() -> &'static Self {
        shipped::none()
    }

    /// The shipped profile of a language, or `default`, whose thresholds do not depend on a language.
    #[must_use]
    pub fn for_language_or_default(language: &str) -> &'static Self {
        shipped::find(language).unwrap_or_else(shipped::default)
    }

    /// Names of the shipped profiles, in alphabetical order.
    pub fn shipped_names() -> impl Iterator<Item = &'static str> {
        shipped::names()
    }

    /// What `none.toml` says, for the case that it could not be read.
    pub(crate) fn without_rules() -> Self {
        Self {
            name: "none".into(),
            language: String::new(),
            source: String::new(),
            order: Vec::new(),
            gopher_repetition: GopherRepetition::default(),
            fineweb_quality: FineWebQuality::default(),
            gopher_quality: GopherQuality::default(),
            c4_quality: C4Quality::default(),
            c4_paragraph: C4Paragraph::default(),
            c4_bad_words: C4BadWords::default(),
            junk: Junk::default(),
            fluency: FluencyRules::default(),
        }
    }

    /// Reads a profile; `name` is for messages, and for a profile that does not name itself.
    pub fn parse(toml: &str, name: &str) -> Result<Self> {
        let mut profile: Self = toml::from_str(toml).map_err(|source| Error::ProfileSyntax {
            profile: name.into(),
            source: source.into(),
        })?;
        profile.gopher_quality.stop_words.sort_unstable();
        profile.gopher_quality.stop_words.dedup();
        profile.checked(name)
    }

    fn checked(self, name: &str) -> Result<Self> {
        for (i, group) in self.order.iter().enumerate() {
            if self.order[..i].contains(group) {
                return Err(Error::GroupTwice { profile: name.into(), group: group.name() });
            }
        }
        for rule in catalogue() {
            if let Some(value) = rule.threshold(&self)
                && (value.is_nan() || value < 0.0)
            {
                let parameter = rule.parameter;
                return Err(Error::BadThreshold { profile: name.into(), parameter, value });
            }
        }
        self.with_bad_words(name)?.with_reachable_stop_words(name)
    }

    fn with_bad_words(mut self, name: &str) -> Result<Self> {
        if self.order.contains(&Group::C4BadWords) {
            let table = &mut self.c4_bad_words;
            let words = table.words.iter().map(String::as_str);
            let search = BadWords::new(words, &self.language).filter(|_| !table.words.is_empty());
            table.search = Search(Some(search.ok_or(Error::NoBadWords { profile: name.into() })?));
        }
        Ok(self)
    }

    #[expect(clippy::cast_precision_loss, reason = "a list of stop words is short")]
    fn with_reachable_stop_words(self, name: &str) -> Result<Self> {
        let listed = self.gopher_quality.stop_words.len();
        match self.gopher_quality.min_stop_words {
            Some(wanted) if wanted > listed as f64 => {
                Err(Error::TooFewStopWords { profile: name.into(), wanted, listed })
            }
            _ => Ok(self),
        }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The language it is made for; empty for none.
    #[must_use]
    pub fn language(&self) -> &str {
        &self.language
    }

    /// Where its values come from.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The groups of rules in the order in which they judge.
    #[must_use]
    pub fn order(&self) -> &[Group] {
        &self.order
    }

    /// Whether it has rules of junk or fluency, so that texts must be measured for them.
    #[must_use]
    pub fn judges_junk(&self) -> bool {
        self.order.iter().any(|group| matches!(group, Group::Junk | Group::Fluency))
    }

    /// The words of which [`Metric::StopWords`](crate::Metric::StopWords) counts the distinct, sorted.
    #[must_use]
    pub fn stop_words(&self) -> &[String] {
        &self.gopher_quality.stop_words
    }

    /// A line of at most this many code points is short.
    #[must_use]
    pub fn short_line_length(&self) -> u64 {
        self.fineweb_quality.short_line_length
    }

    /// What C4 quality does to lines, if the order names it.
    #[must_use]
    pub fn c4_lines(&self) -> Option<LinesParams> {
        let table = &self.c4_quality;
        self.order.contains(&Group::C4Quality).then_some(LinesParams {
            terminal_punctuation: table.filter_no_terminal_punct,
            remove_citations: table.remove_citations,
            min_words: table.min_words_per_line,
            max_word_length: table.max_word_length,
            lorem_ipsum: table.filter_lorem_ipsum,
            javascript: table.filter_javascript,
            curly_bracket: table.filter_curly_bracket,
            policy: table.filter_policy,
        })
    }

    /// The search for bad words, if the order names them.
    #[must_use]
    pub fn bad_words(&self) -> Option<&BadWords> {
        self.c4_bad_words.search.0.as_ref()
    }

    /// The same thresholds with the rules of one group alone.
    #[must_use]
    pub fn only(&self, group: Group) -> Self {
        Self { order: vec![group], ..self.clone() }
    }

    /// The profile as TOML that [`Profile::parse`] reads back.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    /// Hash of all its values: equal profiles give equal verdicts.
    #[must_use]
    pub fn hash(&self) -> u64 {
        hash64(self.to_toml().as_bytes())
    }
}
