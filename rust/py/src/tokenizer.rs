//! Byte-level BPE.

use std::path::PathBuf;
use std::sync::Arc;

use arrow_array::types::{UInt16Type, UInt32Type};
use arrow_array::{ArrayRef, ArrowPrimitiveType, LargeListArray, PrimitiveArray};
use arrow_buffer::{OffsetBuffer, ScalarBuffer};
use arrow_schema::Field;
use gamayun_bpe::{Counts, EncodeScratch, Error, Pattern, Specials, TrainParams, in_characters};
use gamayun_run::batch_pool;
use numpy::{IntoPyArray, PyArray1, PyReadonlyArray1};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use pyo3_arrow::PyArray;

use crate::counts::PretokenCounts;
use crate::strings::Input;
use crate::texts::Texts;
use crate::{errors, gate};

/// What becomes of special tokens in texts: `text`, `allow`, `refuse`, or the names of those that are recognised.
#[derive(Clone, Default)]
pub(crate) struct Policy(pub(crate) Specials);

impl<'py> FromPyObject<'_, 'py> for Policy {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        let Ok(name) = object.extract::<String>() else {
            return Ok(Self(Specials::AllowSome(object.extract()?)));
        };
        match name.as_str() {
            "text" => Ok(Self(Specials::Text)),
            "allow" => Ok(Self(Specials::Allow)),
            "refuse" => Ok(Self(Specials::Refuse)),
            _ => Err(PyValueError::new_err(format!(
                "specials is {name:?}, expected \"text\", \"allow\", \"refuse\" or a set of names"
            ))),
        }
    }
}

/// A tokenizer: vocabulary, merges, split pattern, special tokens.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct Tokenizer(pub(crate) Arc<gamayun_bpe::Tokenizer>);

type Located<'py> =
    (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray1<u64>>, Bound<'py, PyArray1<u64>>);
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

    /// The id that begins a document, if a special token has a usual name for it.
    #[getter]
    fn bos(&self) -> Option<u32> {
        self.0.bos()
    }

    /// How many ids have a token.
    #[getter]
    fn token_count(&self) -> u32 {
        self.0.token_count()
    }

    /// The name of the split pattern.
    #[getter]
    fn split(&self) -> &str {
        self.0.pattern().name()
    }

    /// The ids of many texts in one array, and where each text begins in it.
    #[pyo3(signature = (texts, *, specials = Policy::default(), threads = 1))]
    fn encode_batch<'py>(
        &self,
        py: Python<'py>,
        texts: Input,
        specials: Policy,
        threads: usize,
    ) -> PyResult<Encoded<'py>> {
        let (ids, offsets) = self.encode_all(py, &texts, &specials.0, threads)?;
        Ok((ids.into_pyarray(py), offsets.into_pyarray(py)))
    }

    /// The ids of many texts as an Arrow list for each text, of `uint16` or of `uint32`.
    #[pyo3(signature = (texts, *, specials = Policy::default(), narrow = false, threads = 1))]
    fn encode_arrow(
        &self,
        py: Python<'_>,
        texts: Input,
        specials: Policy,
        narrow: bool,
        threads: usize,
    ) -> PyResult<PyArray> {
        let (ids, offsets) = self.encode_all(py, &texts, &specials.0, threads)?;
        Ok(PyArray::from_array_ref(py.detach(|| lists(ids, &offsets, narrow))))
    }

    /// The ids of bytes: each stretch of UTF-8 as a text, each other byte as its own token.
    #[pyo3(signature = (data, *, specials = Policy::default()))]
    fn encode_bytes<'py>(
        &self,
        py: Python<'py>,
        data: Vec<u8>,
        specials: Policy,
    ) -> PyResult<Bound<'py, PyArray1<u32>>> {
        let ids = gate::run(py, None, |_| {
            let (mut scratch, mut ids) = (EncodeScratch::default(), Vec::new());
            self.0.encode_bytes(&data, &specials.0, &mut scratch, &mut ids)?;
            Ok(ids)
        })?;
        Ok(ids.into_pyarray(py))
    }

    /// The ids of a text, and the begin and end of each, in bytes or in characters.
    #[pyo3(signature = (text, *, specials = Policy::default(), characters = true))]
    fn locate<'py>(
        &self,
        py: Python<'py>,
        text: &str,
        specials: Policy,
        characters: bool,
    ) -> PyResult<Located<'py>> {
        let (ids, starts, ends) = gate::run(py, None, |_| {
            let found = self.0.locate(text, &specials.0, &mut EncodeScratch::default())?;
            let bytes = found.iter().map(|token| (token.start, token.end));
            let spans = if characters { in_characters(text, &found) } else { bytes.collect() };
            let (starts, ends): (Vec<u64>, Vec<u64>) = spans.into_iter().unzip();
            Ok((found.iter().map(|token| token.id).collect::<Vec<u32>>(), starts, ends))
        })?;
        Ok((ids.into_pyarray(py), starts.into_pyarray(py), ends.into_pyarray(py)))
    }

    /// Writes the pretokens of counts with their tokens to a file.
    fn save_segments(
        &self,
        py: Python<'_>,
        counts: &PretokenCounts,
        path: PathBuf,
    ) -> PyResult<()> {
        gate::run(py, None, |_| gamayun_run::save_segments(&self.0, &counts.0, &path))
    }

    /// Looks pretokens up in the segments of a file first, from now on and for good; false if it does so already.
    fn use_segments(&self, py: Python<'_>, path: PathBuf) -> PyResult<bool> {
        gate::run(py, None, |_| {
            let segments = gamayun_run::open_segments(&self.0, &path)?;
            Ok(self.0.use_segments(Arc::new(segments)))
        })
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

impl Tokenizer {
    fn encode_all(
        &self,
        py: Python<'_>,
        texts: &Input,
        specials: &Specials,
        threads: usize,
    ) -> PyResult<(Vec<u32>, Vec<u64>)> {
        match texts {
            Input::Strings(strings) => py
                .detach(|| self.0.encode_source(strings, specials, threads))
                .map_err(|failure| failure.into_python(py)),
            Input::Texts(texts) => gate::run(py, None, |_| {
                Ok(self.0.encode_batch_with(&texts.slices(), specials, threads)?)
            }),
        }
    }
}

/// A list for each text. Ids must fit 16 bits to be narrow.
fn lists(ids: Vec<u32>, offsets: &[u64], narrow: bool) -> ArrayRef {
    if narrow {
        let ids = ids.into_iter().map(|id| u16::try_from(id).unwrap_or(u16::MAX));
        return list::<UInt16Type>(ids.collect::<Vec<u16>>().into(), offsets);
    }
    list::<UInt32Type>(ids.into(), offsets)
}

fn list<T: ArrowPrimitiveType>(ids: ScalarBuffer<T::Native>, offsets: &[u64]) -> ArrayRef {
    let item = Arc::new(Field::new("item", T::DATA_TYPE, false));
    let offsets = offsets.iter().map(|&at| i64::try_from(at).unwrap_or(i64::MAX));
    let offsets = OffsetBuffer::new(offsets.collect::<Vec<i64>>().into());
    Arc::new(LargeListArray::new(
        item,
        offsets,
        Arc::new(PrimitiveArray::<T>::new(ids, None)),
        None,
    ))
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
