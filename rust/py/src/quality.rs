//! Rules and profiles.

use std::sync::Arc;

use arrow_array::builder::{BooleanBuilder, Float64Builder, StringBuilder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Schema};
use gamayun_quality::{MEASUREMENTS, Profile};
use gamayun_run::{Error, Judged, judge_texts};
use pyo3::prelude::*;
use pyo3_arrow::PyRecordBatch;

use crate::source::shipped;
use crate::texts::Texts;
use crate::{errors, gate};

/// Judges texts by a profile: kept, step, rule, reason, measurement, value, threshold, and every measurement.
#[pyfunction]
#[pyo3(signature = (texts, *, language, profile = None, profile_toml = None, words = None, threads = 1))]
pub(crate) fn judge(
    py: Python<'_>,
    texts: Texts,
    language: String,
    profile: Option<String>,
    profile_toml: Option<String>,
    words: Option<Vec<Vec<String>>>,
    threads: usize,
) -> PyResult<PyRecordBatch> {
    gate::run(py, None, |_| {
        let name = profile.as_deref().unwrap_or(&language);
        let parsed = profile_toml.map(|toml| Profile::parse(&toml, name)).transpose()?;
        let profile = match (&parsed, &profile) {
            (Some(parsed), _) => parsed,
            (None, Some(name)) => shipped(name)?,
            (None, None) => Profile::for_language_or_default(&language),
        };
        table(&judge_texts(&texts.slices(), words.as_deref(), &language, profile, threads)?)
            .map(PyRecordBatch::new)
    })
}

fn table(judged: &[Judged]) -> Result<RecordBatch, Error> {
    let mut kept = BooleanBuilder::new();
    let mut names: [StringBuilder; 4] = std::array::from_fn(|_| StringBuilder::new());
    let mut numbers: [Float64Builder; 2] = std::array::from_fn(|_| Float64Builder::new());
    let mut values: Vec<Float64Builder> =
        MEASUREMENTS.iter().map(|_| Float64Builder::new()).collect();
    for one in judged {
        let verdict = one.verdict.as_ref();
        kept.append_value(verdict.is_none());
        let strings = verdict.map(|v| [v.group, v.rule, v.reason, v.measurement]);
        for (n, builder) in names.iter_mut().enumerate() {
            builder.append_option(strings.map(|strings| strings[n]));
        }
        numbers[0].append_option(verdict.map(|v| v.value));
        numbers[1].append_option(verdict.map(|v| v.threshold));
        for (builder, value) in values.iter_mut().zip(one.values) {
            builder.append_option((!value.is_nan()).then_some(value));
        }
    }
    let mut fields = vec![Field::new("kept", DataType::Boolean, false)];
    let mut columns: Vec<ArrayRef> = vec![Arc::new(kept.finish())];
    for (name, builder) in ["step", "rule", "reason", "measurement"].into_iter().zip(&mut names) {
        fields.push(Field::new(name, DataType::Utf8, true));
        columns.push(Arc::new(builder.finish()));
    }
    let measured = MEASUREMENTS.iter().map(|measurement| measurement.name);
    for (name, builder) in ["value", "threshold"]
        .into_iter()
        .chain(measured)
        .zip(numbers.iter_mut().chain(&mut values))
    {
        fields.push(Field::new(name, DataType::Float64, true));
        columns.push(Arc::new(builder.finish()));
    }
    RecordBatch::try_new(Arc::new(Schema::new(fields)), columns).map_err(|error| Error::Damaged {
        path: "a batch in memory".into(),
        what: error.to_string(),
    })
}

/// Names of the shipped profiles.
#[pyfunction]
pub(crate) fn profile_names() -> Vec<&'static str> {
    Profile::shipped_names().collect()
}

/// A shipped profile as TOML.
#[pyfunction]
pub(crate) fn profile_toml(py: Python<'_>, name: &str) -> PyResult<String> {
    shipped(name).map(Profile::to_toml).map_err(|error| errors::to_python(py, &error))
}

/// Every rule: (group, name, reason, summary, measurement).
#[pyfunction]
pub(crate) fn catalogue()
-> Vec<(&'static str, &'static str, &'static str, &'static str, &'static str)> {
    gamayun_quality::catalogue()
        .map(|rule| {
            let measurement = MEASUREMENTS[rule.metric as usize].name;
            (rule.group.name(), rule.name, rule.reason, rule.summary, measurement)
        })
        .collect()
}
