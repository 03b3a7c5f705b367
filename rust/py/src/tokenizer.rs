//! Byte-level BPE.

use std::sync::Arc;

use gamayun_bpe::{Counts, Error, Pattern, TrainParams};
use gamayun_run::batch_pool;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::prelude::*;
use pyo3::types::PyBytes;

use crate::texts::Texts;
use crate::{errors, gate};

/// A tokenizer: vocabulary, merges, split pattern, special tokens.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct Tokenizer(pub(crate) Arc<gamayun_bpe::Tokenizer>);

type Encoded<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u64>>);

#[pymethods]
impl Tokenizer {
    /// Reads a `tokenizer.json`.
    #[staticmethod]
    fn from_json(py: Python<'_>, json: &[u8]) -> PyResult<Self> {
        let tokenizer = py.detach(|| gamayun_bpe::Tokenizer::from_json(json));
        tokenizer.map(|t| Self(Arc::new(t))).map_err(|error| errors::to_python(py, &error.into()))
    }

    /// The `tokenizer.json`.
    fn to_json(&self) -> String {
        self.0.to_json()
    }

    /// One more than the highest id.
    #[getter]
    fn vocab_size(&self) -> u32 {
        self.0.vocab_size()
    }

    /// The id that ends a document, if a special token has a usual name for it.
    #[getter]
    fn eos(&self) -> Option<u32> {
        self.0.eos()
    }

    /// The merges in their order.
    #[getter]
    fn merges<'py>(&self, py: Python<'py>) -> Vec<(Bound<'py, PyBytes>, Bound<'py, PyBytes>)> {
        self.0
            .merges()
            .map(|(left, right)| (PyBytes::new(py, &left), PyBytes::new(py, &right)))
            .collect()
    }

    /// The special tokens by rising id.
    #[getter]
    fn special_tokens(&self) -> Vec<(u32, String)> {
        self.0.special_tokens().map(|(id, token)| (id, token.to_owned())).collect()
    }

    /// The bytes of a token; none if no token has this id.
    fn token_bytes<'py>(&self, py: Python<'py>, id: u32) -> Option<Bound<'py, PyBytes>> {
        self.0.token_bytes(id).map(|bytes| PyBytes::new(py, bytes))
    }

    /// The id of a special token.
    fn token_id(&self, special: &str) -> Option<u32> {
        self.0.token_id(special)
    }

    /// The ids of many texts in one array, and where each text begins in it.
    #[pyo3(signature = (texts, *, threads = 1))]
    fn encode_batch<'py>(
        &self,
        py: Python<'py>,
        texts: Texts,
        threads: usize,
    ) -> PyResult<Encoded<'py>> {
        let (ids, offsets) =
            gate::run(py, None, |_| Ok(self.0.encode_batch(&texts.slices(), threads)?))?;
        Ok((ids.into_pyarray(py), offsets.into_pyarray(py)))
    }

    /// The bytes of ids.
    fn decode<'py>(
        &self,
        py: Python<'py>,
        ids: PyReadonlyArray1<'_, u32>,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = self.0.decode(ids.as_slice()?);
        bytes
            .map(|bytes| PyBytes::new(py, &bytes))
            .map_err(|error| errors::to_python(py, &error.into()))
    }
}

/// Trains a tokenizer on texts by language.
#[pyfunction]
#[pyo3(signature = (
    texts, *, vocab_size = 65_024, split = "gamayun", special_tokens = vec!["<|endoftext|>".to_owned()],
    min_frequency = 2, max_token_length = None, weights = vec![], threads = 1, on_progress = None
))]
#[expect(clippy::too_many_arguments, reason = "keywords in Python")]
pub(crate) fn train(
    py: Python<'_>,
    texts: Vec<(String, Texts)>,
    vocab_size: u32,
    split: &str,
    special_tokens: Vec<String>,
    min_frequency: u64,
    max_token_length: Option<usize>,
    weights: Vec<(String, f64)>,
    threads: usize,
    on_progress: Option<Py<PyAny>>,
) -> PyResult<Tokenizer> {
    gate::run(py, on_progress, |monitor| {
        let split: Pattern = split.parse().map_err(|error: Error| error)?;
        let pool = batch_pool(threads)?;
        let mut counts = Counts::new(split.clone());
        for (language, texts) in &texts {
            counts.add(language, &texts.slices(), &pool)?;
        }
        let params = TrainParams {
            vocab_size,
            split,
            special_tokens,
            min_frequency,
            max_token_length,
            weights,
            threads,
        };
        Ok(Tokenizer(Arc::new(gamayun_bpe::train(&counts, &params, monitor)?)))
    })
}
