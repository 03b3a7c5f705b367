//! A trial: what repairs, language and one profile make of labelled texts, without a run.

use gamayun_language::{Model, canonical};
use gamayun_quality::clean::{Repairs, repair};
use gamayun_quality::{Profile, Segmenter, Verdict, judge, measure, measure_junk};
use rayon::prelude::*;

use crate::batchwise::batch_pool;
use crate::error::Result;

/// What a trial makes of a text.
#[derive(Clone, Debug)]
pub struct Trial {
    /// The text after repairs, if they changed it.
    pub repaired: Option<String>,
    /// The best label of the language model.
    pub language: String,
    /// Its probability; 0 without a label.
    pub score: f32,
    /// Why the profile drops it; `None` where it is kept. Not asked where the language is not wanted.
    pub verdict: Option<Verdict>,
    /// Whether the language is wanted and sure enough.
    pub wanted: bool,
}

/// What texts are tried with.
#[derive(Debug)]
pub struct TrialParams<'a> {
    /// Tells the language.
    pub model: &'a Model,
    /// Languages that are wanted.
    pub languages: &'a [String],
    /// Labels of less probability are not trusted.
    pub threshold: f32,
    /// Which repairs are made.
    pub repairs: Repairs,
    /// What judges.
    pub profile: &'a Profile,
    /// Threads, at least 1.
    pub threads: usize,
}

#[derive(Default)]
struct Scratch {
    language: gamayun_language::Scratch,
    quality: gamayun_quality::Scratch,
}

/// Tries each text: repairs, language, profile, in the order of a run.
pub fn trial(texts: &[&str], params: &TrialParams<'_>) -> Result<Vec<Trial>> {
    let each = || {
        texts
            .par_iter()
            .map_init(Scratch::default, |scratch, text| one(text, params, scratch))
            .collect()
    };
    Ok(batch_pool(params.threads)?.install(each))
}

fn one(text: &str, params: &TrialParams<'_>, scratch: &mut Scratch) -> Trial {
    let repaired = repair(text, params.repairs).map(|cleaned| cleaned.text);
    let text = repaired.as_deref().unwrap_or(text);
    let mut scores = Vec::new();
    params.model.predict(text, 1, &mut scratch.language, &mut scores);
    let (language, score) = scores.first().map_or(("und".to_owned(), 0.0), |best| {
        (canonical(&params.model.labels()[best.label as usize]).into_owned(), best.probability)
    });
    let wanted = score >= params.threshold && params.languages.contains(&language);
    let verdict = if wanted { verdict(text, &language, params.profile, scratch) } else { None };
    Trial { repaired, language, score, verdict, wanted }
}

fn verdict(
    text: &str,
    language: &str,
    profile: &Profile,
    scratch: &mut Scratch,
) -> Option<Verdict> {
    let mut words = Vec::new();
    Segmenter::for_language(language).segment(text, &mut words);
    let mut measured = measure(text, &words, profile, &mut scratch.quality);
    measure_junk(text, language, &mut scratch.quality, &mut measured);
    judge(&measured.values, profile)
}
