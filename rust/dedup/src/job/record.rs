//! A candidate on its way from its part to its partition, and an outcome on its way back.
//!
//! Words of 8 bytes, little-endian. A candidate: its length in bytes with all that follows, label, row, content (high, low),
//! id (high, low), six of preference, flags (1 pinned, 2 passed, 4 has a set), length of the name, then its shingles, then
//! its name.

use gamayun_text::DocId;

use super::model::{Facts, Kept, Outcome, Preference};
use super::shingles::Shingles;
use crate::Evidence;

/// Bytes of a member in memory while it is decided, a name of ordinary length included.
pub(crate) const MEMBER: u64 = 320;
const WORDS: usize = 15;

/// A member of a component.
#[derive(Clone, Debug)]
pub(crate) struct Candidate {
    pub(crate) label: u64,
    pub(crate) row: u64,
    pub(crate) content: u128,
    pub(crate) facts: Facts,
    pub(crate) set: Option<Shingles>,
}

#[expect(clippy::cast_possible_truncation, reason = "the two halves are wanted")]
pub(crate) fn halves(value: u128) -> [u64; 2] {
    [(value >> 64) as u64, value as u64]
}

pub(crate) fn whole(high: u64, low: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
}

/// What the order of survivors puts first: pinned documents, then those that passed.
pub(crate) fn rank(facts: &Facts) -> u64 {
    if facts.pinned { 0 } else { 2 - u64::from(facts.passed) }
}

impl Candidate {
    /// Appends it, with this set in the place of its own shingles.
    pub(crate) fn write(&self, set: Option<&[u64]>, out: &mut Vec<u8>) {
        let (has_set, set) = (set.is_some(), set.unwrap_or_default());
        let name = self.facts.name.as_bytes();
        let flags = u64::from(self.facts.pinned)
            | u64::from(self.facts.passed) << 1
            | u64::from(has_set) << 2;
        let (content, id) = (halves(self.content), halves(self.facts.id.0));
        let length = (WORDS * 8 + set.len() * 8 + name.len()) as u64;
        let head = [length, self.label, self.row, content[0], content[1], id[0], id[1]];
        let tail = [flags, name.len() as u64];
        put(
            out,
            head.into_iter().chain(self.facts.preference.0).chain(tail).chain(set.iter().copied()),
        );
        out.extend_from_slice(name);
    }

    /// Takes the next candidate off the front of `bytes`; none if they do not hold one.
    pub(crate) fn read(bytes: &mut &[u8]) -> Option<Self> {
        let length = usize::try_from(u64::from_le_bytes(*bytes.first_chunk()?)).ok()?;
        let record = bytes.split_off(..length)?;
        let mut words = record.as_chunks::<8>().0.iter().map(|word| u64::from_le_bytes(*word));
        let mut word = || words.next();
        let (_, label, row) = (word()?, word()?, word()?);
        let content = whole(word()?, word()?);
        let id = DocId(whole(word()?, word()?));
        let preference = Preference([word()?, word()?, word()?, word()?, word()?, word()?]);
        let (flags, name) = (word()?, usize::try_from(word()?).ok()?);
        let shingles = length.checked_sub(WORDS * 8)?.checked_sub(name)? / 8;
        let set = (flags & 4 != 0).then(|| Shingles::Set(words.take(shingles).collect()));
        let name = std::str::from_utf8(&record[length - name..]).ok()?.into();
        let facts = Facts { id, preference, passed: flags & 2 != 0, pinned: flags & 1 != 0, name };
        Some(Self { label, row, content, facts, set })
    }
}

fn put(out: &mut Vec<u8>, words: impl IntoIterator<Item = u64>) {
    out.extend(words.into_iter().flat_map(u64::to_le_bytes));
}

/// The number and the value of evidence.
pub(crate) fn evidence_words(evidence: Evidence) -> [u64; 2] {
    match evidence {
        Evidence::Alone => [0, 0],
        Evidence::Survivor => [1, 0],
        Evidence::Exact => [2, 0],
        Evidence::Jaccard(value) => [3, value.to_bits()],
        Evidence::Containment(value) => [4, value.to_bits()],
    }
}

/// The evidence of these words.
pub(crate) fn evidence([kind, value]: [u64; 2]) -> Option<Evidence> {
    Some(match kind {
        0 => Evidence::Alone,
        1 => Evidence::Survivor,
        2 => Evidence::Exact,
        3 => Evidence::Jaccard(f64::from_bits(value)),
        4 => Evidence::Containment(f64::from_bits(value)),
        _ => return None,
    })
}

/// Appends an outcome: row, cluster (high, low), size, evidence (kind, value), flags (1 kept, 2 pinned), then of the kept
/// document its row, id (high, low), length of the name, and the name.
pub(crate) fn write_outcome(outcome: &Outcome, out: &mut Vec<u8>) {
    let [a, b] = halves(outcome.cluster.0);
    let [kind, value] = evidence_words(outcome.evidence);
    let flags = outcome.kept.as_ref().map_or(0, |kept| 1 | u64::from(kept.pinned) << 1);
    put(out, [outcome.document, a, b, outcome.size, kind, value, flags]);
    if let Some(kept) = &outcome.kept {
        let [a, b] = halves(kept.id.0);
        put(out, [kept.document, a, b, kept.name.len() as u64]);
        out.extend_from_slice(kept.name.as_bytes());
    }
}

/// Takes the next outcome off the front of `bytes`.
pub(crate) fn read_outcome(bytes: &mut &[u8]) -> Option<Outcome> {
    let mut word = || Some(u64::from_le_bytes(bytes.split_off(..8)?.try_into().ok()?));
    let document = word()?;
    let cluster = DocId(whole(word()?, word()?));
    let size = word()?;
    let evidence = evidence([word()?, word()?])?;
    let flags = word()?;
    if flags & 1 == 0 {
        return Some(Outcome { document, cluster, size, kept: None, evidence });
    }
    let row = word()?;
    let id = DocId(whole(word()?, word()?));
    let length = usize::try_from(word()?).ok()?;
    let name = std::str::from_utf8(bytes.split_off(..length)?).ok()?.into();
    let kept = Some(Kept { document: row, id, name, pinned: flags & 2 != 0 });
    Some(Outcome { document, cluster, size, kept, evidence })
}
