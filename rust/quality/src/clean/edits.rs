//! Edits: what cleaning changed in a text, enough to undo it.

use std::ops::Range;

use super::kind::Kind;

/// A stretch of the input of a pass, and what it becomes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it stands, in bytes.
    pub range: Range<usize>,
    /// What stands there after.
    pub by: String,
    /// Why.
    pub kind: Kind,
}

impl Change {
    /// A change of the bytes `range`.
    #[must_use]
    pub fn new(range: Range<usize>, by: impl Into<String>, kind: Kind) -> Self {
        Self { range, by: by.into(), kind }
    }
}

/// A stretch of a cleaned text, in bytes, and what stood in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where it begins in the cleaned text.
    pub start: usize,
    /// Where it ends there; `start` if text was only removed.
    pub end: usize,
    /// Bytes that stood there.
    pub before: usize,
    /// What stood there; `None` where it is private and not kept.
    pub original: Option<String>,
    /// Why; the last reason where several met.
    pub kind: Kind,
}

/// A text after cleaning.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cleaned {
    /// The text.
    pub text: String,
    /// What was changed, in order, without overlaps.
    pub edits: Vec<Edit>,
}

impl Cleaned {
    /// A text that nothing was done to.
    #[must_use]
    pub fn untouched(text: String) -> Self {
        Self { text, edits: Vec::new() }
    }

    /// The text as it was, but for what is private and was not kept.
    #[must_use]
    pub fn undo(&self) -> String {
        undo(&self.text, 0, &self.edits)
    }

    /// Bytes of the text as it was.
    #[must_use]
    pub fn bytes_before(&self) -> usize {
        bytes_before(self.text.len(), &self.edits)
    }

    /// Forgets what stood where something private was replaced.
    pub(crate) fn redact(&mut self) {
        for edit in self.edits.iter_mut().filter(|edit| edit.kind.is_private()) {
            edit.original = None;
        }
    }

    /// Makes changes to the text; they lie in it, in order, without overlaps.
    ///
    /// Of what is private and not kept, the example goes into the originals of edits around it.
    pub fn apply(&mut self, changes: &[Change]) {
        let changes: Vec<&Change> =
            changes.iter().filter(|change| self.text[change.range.clone()] != change.by).collect();
        if changes.is_empty() {
            return;
        }
        let (text, edits) = composed(&self.text, &self.edits, &changes);
        *self = Self { text, edits };
    }
}

/// Bytes before these edits of what has `bytes` now.
fn bytes_before(bytes: usize, edits: &[Edit]) -> usize {
    let before: usize = edits.iter().map(|edit| edit.before).sum();
    let after: usize = edits.iter().map(|edit| edit.end - edit.start).sum();
    bytes - after + before
}

/// The text before these edits, which lie in `text`, itself at `offset`.
fn undo(text: &str, offset: usize, edits: &[Edit]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for edit in edits {
        out.push_str(&text[at..edit.start - offset]);
        let now = edit.start - offset..edit.end - offset;
        out.push_str(edit.original.as_deref().unwrap_or(&text[now]));
        at = edit.end - offset;
    }
    out.push_str(&text[at..]);
    out
}

fn made(text: &str, offset: usize, changes: &[&Change]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for change in changes {
        out.push_str(&text[at..change.range.start - offset]);
        out.push_str(&change.by);
        at = change.range.end - offset;
    }
    out.push_str(&text[at..]);
    out
}

/// Whether the second stretch, which begins no earlier, shares text with the first or is an empty one inside it.
fn meet(a: &Range<usize>, b: &Range<usize>) -> bool {
    b.start < a.end && (a.start < b.end || a.start == b.start && b.is_empty())
}

/// The text after the changes, and the edits that lead back to before `edits`.
fn composed(text: &str, edits: &[Edit], changes: &[&Change]) -> (String, Vec<Edit>) {
    let mut out = String::with_capacity(text.len());
    let mut result = Vec::with_capacity(edits.len() + changes.len());
    let (mut copied, mut e, mut c) = (0, 0, 0);
    while e < edits.len() || c < changes.len() {
        let (first_edit, first_change) = (e, c);
        let edit = edits.get(e).map(|edit| edit.start..edit.end);
        let change = changes.get(c).map(|change| change.range.clone());
        let mut group = match (edit, change) {
            (Some(edit), Some(change)) if edit.start <= change.start => edit,
            (Some(edit), None) => edit,
            (_, Some(change)) => change,
            (None, None) => break,
        };
        if edits.get(e).is_some_and(|edit| edit.start == group.start && edit.end == group.end) {
            e += 1;
        } else {
            c += 1;
        }
        loop {
            if let Some(edit) = edits.get(e)
                && meet(&group, &(edit.start..edit.end))
            {
                group.end = group.end.max(edit.end);
                e += 1;
            } else if let Some(change) = changes.get(c)
                && meet(&group, &change.range)
            {
                group.end = group.end.max(change.range.end);
                c += 1;
            } else {
                break;
            }
        }
        let (edits, changes) = (&edits[first_edit..e], &changes[first_change..c]);
        let piece = &text[group.clone()];
        out.push_str(&text[copied..group.start]);
        copied = group.end;
        let start = out.len();
        out.push_str(&made(piece, group.start, changes));
        let original = undo(piece, group.start, edits);
        let kind = changes.last().map(|change| change.kind).or(edits.last().map(|edit| edit.kind));
        if let Some(kind) = kind
            && (out[start..] != original || edits.iter().any(|edit| edit.original.is_none()))
        {
            let before = bytes_before(piece.len(), edits);
            let hidden = changes.is_empty() && edits.iter().all(|edit| edit.original.is_none());
            let original = (!hidden).then_some(original);
            result.push(Edit { start, end: out.len(), before, original, kind });
        }
    }
    out.push_str(&text[copied..]);
    (out, result)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Cuts of a text into changes, by draws.
    fn changes(text: &str, draws: &[(u8, String)]) -> Vec<Change> {
        let mut at = 0;
        let mut found = Vec::new();
        for (length, by) in draws {
            let start = text.ceil_char_boundary((at + usize::from(length / 16)).min(text.len()));
            let end = text.ceil_char_boundary((start + usize::from(length % 8)).min(text.len()));
            found.push(Change::new(start..end, by.clone(), Kind::Markup));
            at = end + 1;
            if at >= text.len() {
                break;
            }
        }
        found
    }

    proptest! {
        #[test]
        fn passes_can_be_undone(
            text in "[a-cд語 ]{0,60}",
            passes in prop::collection::vec(prop::collection::vec((any::<u8>(), "[xя]{0,3}"), 0..9), 1..5),
        ) {
            let mut cleaned = Cleaned { text: text.clone(), edits: Vec::new() };
            for draws in passes {
                let changes = changes(&cleaned.text, &draws);
                let plain = made(&cleaned.text, 0, &changes.iter().collect::<Vec<_>>());
                cleaned.apply(&changes);
                prop_assert_eq!(&cleaned.text, &plain);
                prop_assert_eq!(cleaned.undo(), text.clone());
                prop_assert_eq!(cleaned.bytes_before(), text.len());
                prop_assert!(cleaned.edits.windows(2).all(|pair| pair[0].end <= pair[1].start));
            }
        }
    }
    #[test]
    fn what_is_hidden_stays_hidden() {
        let mut cleaned = Cleaned::untouched("ask a@b.co now\nHome | a@b.co".to_owned());
        let example = |range| Change::new(range, "email1@example.com", Kind::Email);
        cleaned.apply(&[example(4..10), example(22..28)]);
        cleaned.redact();
        let end = cleaned.text.len();
        cleaned.apply(&[Change::new(26..end, "", Kind::Boilerplate)]);
        assert_eq!(cleaned.text, "ask email1@example.com now");
        let originals: Vec<_> = cleaned.edits.iter().map(|edit| edit.original.as_deref()).collect();
        assert_eq!(originals, [None, Some("\nHome | email1@example.com")]);
        assert_eq!(cleaned.bytes_before(), 28);
    }
}
