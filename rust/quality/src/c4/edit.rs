//! A change of a text: bytes that are replaced.

/// Bytes `start..end` of the text before become `with`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Where the replaced bytes start in the text before.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// What stands there in the text after: nothing, or a line feed.
    pub with: &'static str,
}

/// The text after `edits`, which are in order and do not overlap.
#[must_use]
pub fn apply(text: &str, edits: &[Edit]) -> String {
    let mut after = String::with_capacity(text.len());
    let mut from = 0;
    for edit in edits {
        after.push_str(&text[from..edit.start]);
        after.push_str(edit.with);
        from = edit.end;
    }
    after.push_str(&text[from..]);
    after
}
