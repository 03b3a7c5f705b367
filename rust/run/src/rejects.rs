//! Records of files that could not be read: how many, why, and the first of them.

use std::collections::BTreeMap;

use gamayun_io::{Batch, Rejected};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::on_bad_record::OnBadRecord;

/// What could not be read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Rejects {
    /// Records that could not be read, by reason.
    pub rejected: BTreeMap<String, u64>,
    /// The first of them, and why.
    pub first_rejected: Option<String>,
    /// Ends of files that are lost, with an unknown number of records.
    pub lost_tails: Vec<String>,
}

impl Rejects {
    /// Counts those of a batch, or ends the work.
    pub(crate) fn note(&mut self, batch: &Batch, on_bad_record: OnBadRecord) -> Result<()> {
        for rejected in &batch.rejected {
            if on_bad_record == OnBadRecord::Fail {
                let Rejected { path, record, detail, .. } = rejected.clone();
                return Err(Error::BadRecord { path, record, detail });
            }
            self.first_rejected.get_or_insert_with(|| rejected.to_string());
            // A tail of unknown length is not a record that was read and rejected.
            if rejected.tail_unknown {
                self.lost_tails.push(rejected.to_string());
            } else {
                *self.rejected.entry(rejected.reason.name().to_owned()).or_default() += 1;
            }
        }
        Ok(())
    }

    /// Records that were read and rejected.
    #[must_use]
    pub fn records(&self) -> u64 {
        self.rejected.values().sum()
    }
}
