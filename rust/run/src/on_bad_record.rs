//! What becomes of records that cannot be documents.

use crate::error::{Error, Result};

/// What becomes of a record that cannot be a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnBadRecord {
    /// It goes to `rejected.jsonl` with its reason.
    Reject,
    /// It ends the run with an error that names it.
    Fail,
}

impl std::str::FromStr for OnBadRecord {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self> {
        match name {
            "reject" => Ok(Self::Reject),
            "fail" => Ok(Self::Fail),
            other => Err(Error::Parameter {
                parameter: "on_bad_record".into(),
                found: other.into(),
                expected: "reject or fail".into(),
            }),
        }
    }
}
