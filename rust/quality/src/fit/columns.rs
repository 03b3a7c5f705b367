//! The measurements of many texts, column by column.

use crate::measurement::{Measured, Metric, N};

/// Values of every measurement over reference text: 8 bytes for each measurement and document.
#[derive(Clone, Debug, Default)]
pub struct Columns {
    documents: u64,
    columns: Vec<Vec<f64>>,
}

impl Columns {
    /// Adds a text. A value that is not defined is left out.
    pub fn add(&mut self, measured: &Measured) {
        self.columns.resize(N, Vec::new());
        self.documents += 1;
        for (column, &value) in self.columns.iter_mut().zip(&measured.values) {
            if !value.is_nan() {
                column.push(value);
            }
        }
    }

    /// Puts the values in order: whatever the order of documents, what follows is the same.
    #[must_use]
    pub fn sorted(mut self) -> Self {
        self.columns.iter_mut().for_each(|column| column.sort_unstable_by(f64::total_cmp));
        self
    }

    /// How many texts were added.
    #[must_use]
    pub fn documents(&self) -> u64 {
        self.documents
    }

    pub(super) fn of(&self, metric: Metric) -> &[f64] {
        self.columns.get(metric as usize).map_or(&[], Vec::as_slice)
    }
}
