//! A list of `str` that is encoded, made UTF-8 a batch at a time.
//!
//! To ask a `str` for its UTF-8 leaves a copy of the text with it for good, in memory that is touched for the first time:
//! that takes longer than half of the encoding. So each is written to bytes that are let go at once.

use std::ops::Range;

use gamayun_bpe::{Error, TextBuffer, TextSource};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyString;

use crate::errors;
use crate::texts::Texts;

/// Characters of a string that is written by its code points, at most: these take four bytes each.
const LONGEST: usize = 1 << 20;

/// What is encoded: strings, or an Arrow array or stream.
pub(crate) enum Input {
    Strings(Strings),
    Texts(Texts),
}

impl<'py> FromPyObject<'_, 'py> for Input {
    type Error = PyErr;

    fn extract(object: Borrowed<'_, 'py, PyAny>) -> PyResult<Self> {
        if Texts::is_arrow(&object)? {
            return Ok(Self::Texts(object.extract()?));
        }
        Texts::refuse_one(&object)?;
        let strings: Vec<Bound<'py, PyString>> = object.extract()?;
        let sizes = strings.iter().map(|string| string.len()).collect::<PyResult<_>>()?;
        Ok(Self::Strings(Strings {
            strings: strings.into_iter().map(Bound::unbind).collect(),
            sizes,
        }))
    }
}

/// The strings of a list, and the characters of each.
pub(crate) struct Strings {
    strings: Vec<Py<PyString>>,
    sizes: Vec<usize>,
}

impl TextSource for Strings {
    type Error = Failure;

    fn sizes(&self) -> Vec<usize> {
        self.sizes.clone()
    }

    fn read(
        &self,
        texts: Range<usize>,
        buffer: &mut TextBuffer,
        take: &mut dyn FnMut(&str) -> Result<(), Error>,
    ) -> Result<(), Failure> {
        buffer.clear();
        Python::attach(|py| {
            py.check_signals()?;
            self.strings[texts.clone()].iter().zip(&self.sizes[texts]).try_for_each(
                |(string, &size)| {
                    if size <= LONGEST && push_points(string.bind(py), size, buffer) {
                        return Ok(());
                    }
                    let bytes = string.bind(py).encode_utf8()?;
                    #[expect(unsafe_code, reason = "a check takes a tenth of the time of encoding")]
                    // SAFETY: Python's encoder writes UTF-8, or raises where a surrogate stands alone.
                    let text = unsafe { std::str::from_utf8_unchecked(bytes.as_bytes()) };
                    buffer.push(text);
                    PyResult::Ok(())
                },
            )
        })
        .map_err(Failure::Python)?;
        Ok(buffer.iter().try_for_each(take)?)
    }
}

/// Adds a string of so many characters by its code points; false if there is a surrogate among them.
fn push_points(string: &Bound<'_, PyString>, size: usize, buffer: &mut TextBuffer) -> bool {
    let room = isize::try_from(size).unwrap_or_default();
    buffer.push_points(size, |points| {
        #[expect(unsafe_code, reason = "the one way to characters that leaves no copy behind")]
        // SAFETY: `string` is a str, and Python writes no more than the room that it is told.
        let found = unsafe { ffi::PyUnicode_AsUCS4(string.as_ptr(), points.as_mut_ptr(), room, 0) };
        // What it raised is of no use: the string is tried in another way.
        if found.is_null() {
            drop(PyErr::take(string.py()));
        }
        !found.is_null()
    })
}

/// Why encoding strings failed.
pub(crate) enum Failure {
    Python(PyErr),
    Encoding(Error),
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Encoding(error)
    }
}

impl Failure {
    /// The exception.
    pub(crate) fn into_python(self, py: Python<'_>) -> PyErr {
        match self {
            Self::Python(raised) => raised,
            Self::Encoding(error) => errors::to_python(py, &error.into()),
        }
    }
}
