//! Language models.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::{ArrayRef, Float32Array, ListArray, StringArray, StructArray};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field, Fields};
use gamayun_language::{Model, canonical};
use gamayun_run::score_texts;
use pyo3::prelude::*;
use pyo3_arrow::PyArray;

use crate::texts::Texts;
use crate::{errors, gate};

/// A fastText model, read and run natively.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct LanguageModel {
    model: Model,
}

#[pymethods]
impl LanguageModel {
    /// Reads a `.bin` or `.ftz` file.
    #[staticmethod]
    fn open(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let model = py.detach(|| Model::open(&path));
        model.map(|model| Self { model }).map_err(|error| errors::to_python(py, &error.into()))
    }

    /// The labels as the model has them, without `__label__`.
    #[getter]
    fn labels(&self) -> Vec<String> {
        self.model.labels().to_vec()
    }

    /// The labels as languages: `ru` for `rus_Cyrl`.
    #[getter]
    fn languages(&self) -> Vec<String> {
        self.model.labels().iter().map(|label| canonical(label).into_owned()).collect()
    }

    /// A list of (label, probability) for each text, best first.
    #[pyo3(signature = (texts, *, k = 3, threads = 1))]
    fn score(&self, py: Python<'_>, texts: Texts, k: usize, threads: usize) -> PyResult<PyArray> {
        gate::run(py, None, |_| {
            let scores = score_texts(&self.model, &texts.slices(), k, threads)?;
            let lengths = scores.iter().map(Vec::len);
            let offsets = OffsetBuffer::<i32>::from_lengths(lengths);
            let labels: StringArray =
                scores.iter().flatten().map(|score| Some(self.model.label(score.label))).collect();
            let probabilities: Float32Array =
                scores.iter().flatten().map(|score| Some(score.probability)).collect();
            Ok(PyArray::from_array_ref(lists(offsets, labels, probabilities)))
        })
    }
}

fn lists(offsets: OffsetBuffer<i32>, labels: StringArray, probabilities: Float32Array) -> ArrayRef {
    let fields = Fields::from(vec![
        Field::new("label", DataType::Utf8, false),
        Field::new("probability", DataType::Float32, false),
    ]);
    let item = Arc::new(Field::new("item", DataType::Struct(fields.clone()), false));
    let scores = StructArray::new(fields, vec![Arc::new(labels), Arc::new(probabilities)], None);
    Arc::new(ListArray::new(item, offsets, Arc::new(scores), None))
}
