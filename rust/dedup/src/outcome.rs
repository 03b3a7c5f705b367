//! What was found out about each of many texts, by their places.

use std::ops::Range;

use crate::job;

/// Why a document is where it is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Evidence {
    /// No other document is in its cluster.
    Alone,
    /// The others of its cluster were compared with it.
    Survivor,
    /// Its text is that of the survivor.
    Exact,
    /// Its shingles have this Jaccard with the survivor's, at least the threshold.
    Jaccard(f64),
    /// The survivor has this share of its shingles, at least the threshold of the containment.
    Containment(f64),
}

/// What was found out about one candidate document.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// The document's index.
    pub document: u64,
    /// The index of the document that its cluster is named after: the survivor, or the most preferred of a cluster of
    /// which none passed the rules.
    pub cluster: u64,
    /// Documents in the cluster, those included that did not pass the rules.
    pub size: u64,
    /// The document that is kept of the cluster; none if none passed the rules.
    pub kept: Option<u64>,
    /// Why it belongs there.
    pub evidence: Evidence,
}

impl Outcome {
    /// That of a document outside of all components.
    #[must_use]
    pub fn alone(document: u64, passed: bool) -> Self {
        let kept = passed.then_some(document);
        Self { document, cluster: document, size: 1, kept, evidence: Evidence::Alone }
    }

    /// The document was removed in favour of another, with this similarity; none if it was not.
    #[must_use]
    pub fn removed(&self) -> Option<(u64, f64)> {
        let kept = self.kept.filter(|kept| *kept != self.document)?;
        match self.evidence {
            Evidence::Exact => Some((kept, 1.0)),
            Evidence::Jaccard(value) | Evidence::Containment(value) => Some((kept, value)),
            Evidence::Alone | Evidence::Survivor => None,
        }
    }
}

/// The outcomes of all rows of a range, of which `found` are those of the candidates, whose ids are their rows.
pub(crate) fn of_rows(rows: Range<u64>, found: Vec<job::Outcome>) -> Vec<Outcome> {
    let mut found = found.into_iter().peekable();
    let outcome = |row| match found.next_if(|outcome| outcome.document == row) {
        None => Outcome::alone(row, true),
        Some(job::Outcome { document, cluster, size, kept, evidence }) => {
            let cluster = u64::try_from(cluster.0).unwrap_or(document);
            Outcome { document, cluster, size, kept: kept.map(|kept| kept.document), evidence }
        }
    };
    rows.map(outcome).collect()
}
