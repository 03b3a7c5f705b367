//! What deduplication counts.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use gamayun_dedup::Evidence;
use gamayun_dedup::job::Outcome;
use serde::Serialize;

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct DedupCounts {
    /// Documents that passed language, over which clusters form.
    pub eligible: u64,
    /// Documents that share a bucket or their text with another.
    pub candidates: u64,
    /// Clusters of two or more.
    pub clusters: u64,
    /// Removed because the text is that of the kept document.
    pub removed_exact: u64,
    /// Removed because enough shingles are those of the kept document.
    pub removed_near: u64,
    /// Removed because an earlier run has them.
    pub removed_earlier: u64,
    /// Documents that had passed the rules and that an earlier run has, removed or not, by what it is called.
    pub against: BTreeMap<String, u64>,
    /// Documents in clusters of which no member passed the rules.
    pub in_clusters_without_survivor: u64,
    /// Documents whose id another of the same source has too; they are numbered.
    pub repeated_ids: u64,
    /// Documents that lack a field which the survivor order asks for, or hold there what cannot be read, by field.
    pub lacking: BTreeMap<String, u64>,
    /// Removed documents that had passed the rules, by language and then `exact`, `near` or `earlier`.
    pub removed_by_language: BTreeMap<String, BTreeMap<String, u64>>,
    /// Removed documents that had passed the rules, by source.
    pub removed_by_source: BTreeMap<String, u64>,
    /// Documents that had passed the rules, by source.
    pub passed_by_source: BTreeMap<String, u64>,
    /// The largest clusters of two or more, the largest first.
    pub largest: Vec<LargeCluster>,
    /// Tasks that an earlier try, which was killed, had finished.
    pub reused_tasks: u64,
}

/// A cluster that a person should look at.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct LargeCluster {
    /// Its documents.
    pub documents: u64,
    /// The id of the document that it is named after.
    pub cluster: String,
}

/// Clusters that are named in the counts.
const LARGEST: usize = 10;

/// How a removed document is counted.
fn kind(outcome: &Outcome) -> &'static str {
    match outcome.evidence {
        _ if is_earlier(outcome) => "earlier",
        Evidence::Exact => "exact",
        _ => "near",
    }
}

/// The document that is kept for it is one of an earlier run.
pub(crate) fn is_earlier(outcome: &Outcome) -> bool {
    outcome.kept.as_ref().is_some_and(|kept| kept.pinned)
}

/// Another document is kept for it.
pub(crate) fn is_removed(outcome: &Outcome) -> bool {
    outcome.kept.as_ref().is_some_and(|kept| kept.document != outcome.document)
}

impl DedupCounts {
    /// Counts a candidate.
    pub(crate) fn note(&mut self, outcome: &Outcome, passed: bool, language: &str, source: &str) {
        // The head of a cluster of two or more, and nobody else, is its survivor.
        if outcome.evidence == Evidence::Survivor {
            self.clusters += 1;
            let (documents, cluster) = (outcome.size, outcome.cluster.to_string());
            self.largest.push(LargeCluster { documents, cluster });
            if self.largest.len() >= 1 << 10 {
                self.keep_largest();
            }
        }
        self.in_clusters_without_survivor += u64::from(outcome.size > 1 && outcome.kept.is_none());
        if passed && is_removed(outcome) {
            let kind = kind(outcome);
            self.removed_exact += u64::from(kind == "exact");
            self.removed_near += u64::from(kind == "near");
            self.removed_earlier += u64::from(kind == "earlier");
            let of_language = self.removed_by_language.entry(language.to_owned()).or_default();
            *of_language.entry(kind.to_owned()).or_default() += 1;
            *self.removed_by_source.entry(source.to_owned()).or_default() += 1;
        }
    }

    /// Adds what was counted of other documents.
    pub(crate) fn add(&mut self, other: Self) {
        self.clusters += other.clusters;
        self.removed_exact += other.removed_exact;
        self.removed_near += other.removed_near;
        self.removed_earlier += other.removed_earlier;
        self.in_clusters_without_survivor += other.in_clusters_without_survivor;
        for (language, kinds) in other.removed_by_language {
            sum(self.removed_by_language.entry(language).or_default(), kinds);
        }
        sum(&mut self.removed_by_source, other.removed_by_source);
        self.largest.extend(other.largest);
        self.keep_largest();
    }

    fn keep_largest(&mut self) {
        self.largest.sort_unstable_by(|a, b| {
            (Reverse(a.documents), &a.cluster).cmp(&(Reverse(b.documents), &b.cluster))
        });
        self.largest.truncate(LARGEST);
    }
}

/// Adds to each count of a table.
pub(crate) fn sum(into: &mut BTreeMap<String, u64>, from: BTreeMap<String, u64>) {
    for (key, count) in from {
        *into.entry(key).or_default() += count;
    }
}
