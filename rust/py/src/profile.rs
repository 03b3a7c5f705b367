//! Profiles fitted to files, and tried on files.

use gamayun_quality::Profile;
use gamayun_quality::fit::Method;
use gamayun_run::{Error, FitFilesParams, TryFilesParams};
use pyo3::prelude::*;

use crate::gate;
use crate::source::shipped;
use crate::steps::json;

/// Fits a profile to files: thresholds, stop words and the profile as TOML, as JSON.
#[pyfunction]
#[pyo3(signature = (language, reference, *, base, method, tail, english, threads, on_progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn fit_profile(
    py: Python<'_>,
    language: &str,
    reference: Vec<String>,
    base: &str,
    method: &str,
    tail: f64,
    english: Vec<String>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let method = parse_method(method, tail)?;
        let (base, english) = (shipped(base)?, &english);
        let reference = &reference;
        let params = FitFilesParams { language, reference, base, method, english, threads };
        Ok(json(&gamayun_run::fit_files(&params, monitor)?))
    })
}

fn parse_method(name: &str, tail: f64) -> Result<Method, Error> {
    match name {
        "tail" => Ok(Method::Tail(tail)),
        "quantile" => Ok(Method::Quantile),
        "mean-std" => Ok(Method::MeanStd),
        other => Err(Error::Parameter {
            parameter: "method".into(),
            found: other.into(),
            expected: "tail, quantile or mean-std".into(),
        }),
    }
}

/// Judges the documents of files by a profile, or by that of their language; a row a language, as JSON.
#[pyfunction]
#[pyo3(signature = (paths, *, language, profile_toml, profile_name, examples, threads, on_progress = None))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn try_profile(
    py: Python<'_>,
    paths: Vec<String>,
    language: &str,
    profile_toml: Option<&str>,
    profile_name: &str,
    examples: usize,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<String> {
    gate::run(py, on_progress, |monitor| {
        let parsed = profile_toml.map(|toml| Profile::parse(toml, profile_name)).transpose()?;
        let (paths, profile) = (&paths, parsed.as_ref());
        let params = TryFilesParams { paths, language, profile, examples, threads };
        Ok(json(&gamayun_run::try_files(&params, monitor)?))
    })
}
