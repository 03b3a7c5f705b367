//! Engines over many texts at once, on many threads: what the library offers beside the steps of a run.

use gamayun_language::{Model, Score};
use gamayun_quality::{
    MEASUREMENTS, Profile, Segmenter, Verdict, c4, judge, measure_in_order, measure_junk,
};
use gamayun_text::hash::hash128;
use rayon::prelude::*;

use crate::error::{Error, Result};

/// A text measured and judged.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Why it is dropped; `None` keeps it.
    pub verdict: Option<Verdict>,
    /// The values of [`MEASUREMENTS`]; NaN where one is not defined.
    pub values: [f64; MEASUREMENTS.len()],
}

/// The `k` best labels of each text, best first.
pub fn score_texts(
    model: &Model,
    texts: &[&str],
    k: usize,
    threads: usize,
) -> Result<Vec<Vec<Score>>> {
    let scored = || {
        texts
            .par_iter()
            .map_init(gamayun_language::Scratch::default, |scratch, text| {
                let mut scores = Vec::with_capacity(k.min(8));
                model.predict(text, k, scratch, &mut scores);
                scores
            })
            .collect()
    };
    Ok(batch_pool(threads)?.install(scored))
}

/// Judges texts by a profile; `words` are those of a text where the caller brings its own segmenter.
///
/// Lines that C4 leaves have our own words. A text has no id: its lot is drawn from itself.
pub fn judge_texts(
    texts: &[&str],
    words: Option<&[Vec<String>]>,
    language: &str,
    profile: &Profile,
    threads: usize,
) -> Result<Vec<Judged>> {
    if let Some(words) = words.filter(|words| words.len() != texts.len()) {
        return Err(Error::Parameter {
            parameter: "words".into(),
            found: format!("{} lists", words.len()),
            expected: format!("one for each of {} texts", texts.len()),
        });
    }
    let segmenter = Segmenter::for_language(language);
    let one = |scratch: &mut gamayun_quality::Scratch, (n, text): (usize, &&str)| {
        let mut found = Vec::new();
        match words {
            Some(words) => found.extend(words[n].iter().map(String::as_str)),
            None => segmenter.segment(text, &mut found),
        }
        let lot = c4::lot(hash128(text.as_bytes()));
        let ordered = measure_in_order(text, &found, profile, &segmenter, lot, scratch);
        let mut measured = ordered.measured;
        measure_junk(text, language, scratch, &mut measured);
        let values = measured.values;
        Judged { verdict: judge(&values, profile), values }
    };
    let judged =
        || texts.par_iter().enumerate().map_init(gamayun_quality::Scratch::default, one).collect();
    Ok(batch_pool(threads)?.install(judged))
}

/// A pool of its own for a call: there is no global one.
pub fn batch_pool(threads: usize) -> Result<rayon::ThreadPool> {
    rayon::ThreadPoolBuilder::new().num_threads(threads.max(1)).build().map_err(|error| {
        Error::Parameter {
            parameter: "threads".into(),
            found: threads.to_string(),
            expected: format!("threads that can be started ({error})"),
        }
    })
}
