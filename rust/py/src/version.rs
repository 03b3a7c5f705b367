//! The version that this module was built as.

use pyo3::prelude::*;

/// The version of the package, known without looking for its files.
#[pyfunction]
pub(crate) fn version() -> &'static str {
    env!("CARGO_PKG_VERSION")
}
