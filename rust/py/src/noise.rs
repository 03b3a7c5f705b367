//! Labelled junk, tried with repairs, language and rules.

use std::path::PathBuf;

use gamayun_language::Model;
use gamayun_quality::clean::Cleaner;
use gamayun_run::{NoiseParams, TrialParams};
use pyo3::prelude::*;

use crate::cleaning::parse_paragraphs;
use crate::gate;
use crate::source::parse_rules;
use crate::steps::json;

/// Tries the labelled texts of files; a row for each kind and language, as JSON.
#[pyfunction]
#[pyo3(signature = (
    paths, *, rules, repairs, paragraphs, drop_mixed, lid_model, threshold, languages, examples, threads,
    on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn try_noise(
    py: Python<'_>,
    paths: Vec<String>,
    rules: Option<(String, Option<String>)>,
    repairs: Vec<String>,
    paragraphs: Option<(usize, f64, bool)>,
    drop_mixed: bool,
    lid_model: Option<PathBuf>,
    threshold: f32,
    languages: Vec<String>,
    examples: usize,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let (paths, languages, rules) = (&paths, &languages, &parse_rules(rules)?);
        let model = lid_model.map(|path| Model::open(&path)).transpose()?;
        let repairs = Cleaner::new(&repairs, &[], false)?.repairs();
        let (model, paragraphs) = (model.as_ref(), paragraphs.map(parse_paragraphs));
        let trial = TrialParams { model, threshold, repairs, paragraphs, drop_mixed, rules };
        let params = NoiseParams { paths, trial, languages, examples, threads };
        Ok(json(&gamayun_run::try_noise(&params, monitor)?))
    })
}
