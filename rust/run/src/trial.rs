//! A trial: what repairs, language and rules make of a text, without a run.

use gamayun_language::{Model, canonical};
use gamayun_quality::clean::{Cleaned, Edit, Repairs, repair};
use gamayun_quality::{
    Segmenter, Verdict, add_lost_letters, c4, judge, measure_in_order, measure_junk,
};
use gamayun_text::hash::hash128;
use gamayun_text::normalise;

use crate::Rules;
use crate::paragraphs::{ParagraphParams, foreign, languages, paragraphs};
use crate::segment_texts::names;

/// What a trial makes of a text.
#[derive(Clone, Debug)]
pub(crate) struct Trial {
    /// The text, repaired and normalised.
    pub text: String,
    /// What was changed in it.
    edits: Vec<Edit>,
    /// Whether repairs changed it.
    pub repaired: bool,
    /// Whether paragraphs of other languages were taken out of it.
    pub parted: bool,
    /// Why it is dropped: its language, `mixed`, or the reason of a rule; `None` where it is kept.
    pub reason: Option<String>,
}

/// What texts are tried with.
#[derive(Clone, Copy, Debug)]
pub struct TrialParams<'p> {
    /// Tells the language; without, texts have the one that they are labelled with.
    pub model: Option<&'p Model>,
    /// Labels of less probability are not trusted.
    pub threshold: f32,
    /// Which repairs are made.
    pub repairs: Repairs,
    /// How paragraphs are looked at; without, or without a model, they are not.
    pub paragraphs: Option<ParagraphParams>,
    /// Texts of several languages are dropped.
    pub drop_mixed: bool,
    /// What judges.
    pub rules: &'p Rules,
}

/// A thread's working memory.
#[derive(Default)]
pub(crate) struct Scratch {
    language: gamayun_language::Scratch,
    quality: gamayun_quality::Scratch,
}

/// Tries a text: repairs, language, paragraphs, rules, in the order of a run. `wanted` are the languages that are kept.
pub(crate) fn trial(
    raw: &str,
    labelled: &str,
    wanted: &[String],
    params: &TrialParams<'_>,
    scratch: &mut Scratch,
) -> Trial {
    let cleaned = repair(raw, params.repairs);
    let repaired = cleaned.is_some();
    let Cleaned { text, edits } =
        cleaned.unwrap_or_else(|| Cleaned::untouched(normalise(raw).0.into_owned()));
    let (language, sure) = match params.model {
        Some(model) => language_of(model, &text, params.threshold, scratch),
        None => (labelled.to_owned(), true),
    };
    let mut found = Trial { text, edits, repaired, parted: false, reason: None };
    if !(sure && wanted.contains(&language)) {
        found.reason = Some(format!("language {language}"));
    } else if part(&mut found, &language, params, scratch) {
        found.reason = Some("mixed".to_owned());
    } else {
        let verdict = verdict(&found, &language, params.rules, scratch);
        found.reason = verdict.map(|verdict| verdict.reason.to_owned());
    }
    found
}

/// Takes paragraphs of other languages out if that is asked for; whether the text is dropped as mixed.
fn part(found: &mut Trial, home: &str, params: &TrialParams<'_>, scratch: &mut Scratch) -> bool {
    let (Some(asked), Some(model)) = (&params.paragraphs, params.model) else { return false };
    let names = names(model);
    let pieces = paragraphs(&found.text, home, model, &names, asked, &mut scratch.language);
    let mixed = params.drop_mixed && languages(&pieces, home, &names, asked).mixed;
    let changes = if asked.drop_foreign { foreign(&pieces, home, &names) } else { Vec::new() };
    if !changes.is_empty() {
        let text = std::mem::take(&mut found.text);
        let mut cleaned = Cleaned { text, edits: std::mem::take(&mut found.edits) };
        cleaned.apply(&changes);
        (found.text, found.edits) = (cleaned.text, cleaned.edits);
        found.parted = true;
    }
    mixed
}

/// The best label of the model, and whether it is sure enough.
fn language_of(model: &Model, text: &str, threshold: f32, scratch: &mut Scratch) -> (String, bool) {
    let mut scores = Vec::new();
    model.predict(text, 1, &mut scratch.language, &mut scores);
    scores.first().map_or(("und".to_owned(), false), |best| {
        let label = &model.labels()[best.label as usize];
        (canonical(label).into_owned(), best.probability >= threshold)
    })
}

fn verdict(found: &Trial, language: &str, rules: &Rules, scratch: &mut Scratch) -> Option<Verdict> {
    let text = &*found.text;
    let profile = rules.profile(language)?;
    let segmenter = Segmenter::for_language(language);
    let mut words = Vec::new();
    segmenter.segment(text, &mut words);
    let lot = c4::lot(hash128(text.as_bytes()));
    let quality = &mut scratch.quality;
    let mut measured = measure_in_order(text, &words, profile, &segmenter, lot, quality).measured;
    if rules.judges(language).any(gamayun_quality::Profile::judges_junk) {
        measure_junk(text, language, quality, &mut measured);
        add_lost_letters(text, language, &found.edits, &mut measured);
    }
    rules.judges(language).find_map(|profile| judge(&measured.values, profile))
}
