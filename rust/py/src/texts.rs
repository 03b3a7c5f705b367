//! Texts from Python without a copy: a list of `str`, or any Arrow array or stream of strings.

use arrow_array::cast::AsArray;
use arrow_array::{Array, ArrayRef};
use arrow_schema::DataType;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedStr;
use pyo3_arrow::input::AnyArray;

/// Texts that live as long as this does.
pub(crate) enum Texts {
    Strings(Vec<PyBackedStr>),
    Arrow(Vec<ArrayRef>),
}

impl<'py> FromPyObject<'_, 'py> for Texts {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if Self::is_arrow(&object)? {
            let (chunks, _) = object.extract::<AnyArray>()?.into_chunked_array()?.into_inner();
            chunks.iter().try_for_each(check)?;
            return Ok(Self::Arrow(chunks));
        }
        Self::refuse_one(&object)?;
        Ok(Self::Strings(object.extract()?))
    }
}

fn check(chunk: &ArrayRef) -> PyResult<()> {
    if !matches!(chunk.data_type(), DataType::Utf8 | DataType::LargeUtf8 | DataType::Utf8View) {
        let message =
            format!("texts are an Arrow array of {}, expected strings", chunk.data_type());
        return Err(PyTypeError::new_err(message));
    }
    if let Some(nulls) = chunk.nulls().filter(|nulls| nulls.null_count() > 0) {
        let first = nulls.iter().position(|valid| !valid).unwrap_or(0);
        return Err(PyValueError::new_err(format!(
            "texts hold {} nulls, the first at {first}",
            nulls.null_count()
        )));
    }
    Ok(())
}

impl Texts {
    /// Whether an object gives Arrow.
    pub(crate) fn is_arrow(object: &Bound<'_, PyAny>) -> PyResult<bool> {
        Ok(object.hasattr("__arrow_c_stream__")? || object.hasattr("__arrow_c_array__")?)
    }

    /// A `str` is a sequence of `str`, and never meant so.
    pub(crate) fn refuse_one(object: &Bound<'_, PyAny>) -> PyResult<()> {
        if object.is_instance_of::<pyo3::types::PyString>() {
            return Err(PyTypeError::new_err("texts is one str, expected a list of them"));
        }
        Ok(())
    }

    /// The texts as slices, in order.
    pub(crate) fn slices(&self) -> Vec<&str> {
        match self {
            Self::Strings(strings) => strings.iter().map(|string| &**string).collect(),
            Self::Arrow(chunks) => chunks.iter().flat_map(strings).collect(),
        }
    }
}

fn strings(chunk: &ArrayRef) -> Box<dyn Iterator<Item = &str> + '_> {
    match chunk.data_type() {
        DataType::LargeUtf8 => Box::new(chunk.as_string::<i64>().iter().flatten()),
        DataType::Utf8View => Box::new(chunk.as_string_view().iter().flatten()),
        _ => Box::new(chunk.as_string::<i32>().iter().flatten()),
    }
}
