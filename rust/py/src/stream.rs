//! Encoding a document that comes in pieces.

use std::sync::{Arc, Mutex, PoisonError};

use numpy::{IntoPyArray, PyArray1};
use pyo3::prelude::*;

use crate::gate;
use crate::tokenizer::{Policy, Tokenizer};

/// A document that is being encoded piece by piece.
#[pyclass(frozen, module = "gamayun_data._core")]
pub(crate) struct EncodeStream {
    tokenizer: Arc<gamayun_bpe::Tokenizer>,
    stream: Mutex<gamayun_bpe::EncodeStream>,
}

#[pymethods]
impl EncodeStream {
    /// The begin of a document.
    #[new]
    #[pyo3(signature = (tokenizer, *, specials = Policy::default()))]
    fn new(tokenizer: &Tokenizer, specials: Policy) -> Self {
        let stream = Mutex::new(gamayun_bpe::EncodeStream::new(specials.0));
        Self { tokenizer: Arc::clone(&tokenizer.0), stream }
    }

    /// The ids that no further text can change.
    fn push<'py>(&self, py: Python<'py>, piece: &str) -> PyResult<Bound<'py, PyArray1<u32>>> {
        self.run(py, |stream, ids| stream.push(&self.tokenizer, piece, ids))
    }

    /// The ids of what is held back; the stream then begins a new document.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyArray1<u32>>> {
        self.run(py, |stream, ids| stream.finish(&self.tokenizer, ids))
    }
}

impl EncodeStream {
    fn run<'py>(
        &self,
        py: Python<'py>,
        work: impl FnOnce(&mut gamayun_bpe::EncodeStream, &mut Vec<u32>) -> gamayun_bpe::Result<()>
        + Send,
    ) -> PyResult<Bound<'py, PyArray1<u32>>> {
        let ids = gate::run(py, None, |_| {
            let mut ids = Vec::new();
            let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
            work(&mut stream, &mut ids)?;
            Ok(ids)
        })?;
        Ok(ids.into_pyarray(py))
    }
}
