//! A text on its way to become a document: what it is by now, and what was changed in it so far.

use std::borrow::Cow;

use gamayun_quality::c4;
use gamayun_quality::clean::{Change, Cleaned, Cleaner, Edit, Kind};

/// A text that may still be changed. Each change is kept, so the text before can be made again.
pub(crate) struct Draft<'t> {
    pub text: Cow<'t, str>,
    pub edits: Vec<Edit>,
    /// Bytes of the text before any change.
    pub bytes_before: u64,
}

impl<'t> Draft<'t> {
    /// The normalised text of a record, cleaned; repairs look at the text as it was read.
    pub(crate) fn of(normal: Cow<'t, str>, raw: &str, cleaner: Option<&Cleaner>) -> Self {
        let Some(done) = cleaner.and_then(|cleaner| cleaner.clean(raw)) else {
            let bytes_before = normal.len() as u64;
            return Self { text: normal, edits: Vec::new(), bytes_before };
        };
        let bytes_before = done.bytes_before() as u64;
        Self { text: done.text.into(), edits: done.edits, bytes_before }
    }

    /// Makes changes, which lie in the text as it is now, in order, without overlaps.
    pub(crate) fn apply(&mut self, changes: &[Change]) {
        if changes.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text).into_owned();
        let mut cleaned = Cleaned { text, edits: std::mem::take(&mut self.edits) };
        cleaned.apply(changes);
        self.text = cleaned.text.into();
        self.edits = cleaned.edits;
    }

    /// Takes out the lines that are no text of a document of this language.
    pub(crate) fn filter_lines(&mut self, cleaner: Option<&Cleaner>, language: &str) {
        let changes = cleaner.map(|cleaner| cleaner.lines(&self.text, language));
        self.apply(&changes.unwrap_or_default());
    }

    /// Makes the edits of C4.
    pub(crate) fn apply_c4(&mut self, edits: &[c4::Edit]) {
        let change = |edit: &c4::Edit| Change::new(edit.start..edit.end, edit.with, Kind::C4Lines);
        self.apply(&edits.iter().map(change).collect::<Vec<_>>());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_lead_back() {
        let before = "  Home\nIt rained all [1] day.\r\nx\u{85}We went home, too. \n";
        let lines = c4::lines(before, &c4::LinesParams::default(), |_| 1);
        let mut draft = Draft::of(before.into(), before, None);
        draft.apply_c4(&lines.edits);
        assert_eq!(draft.text, "It rained all  day.\nWe went home, too.");
        assert_eq!(draft.text, c4::apply(before, &lines.edits));
        let cleaned = Cleaned { text: draft.text.into_owned(), edits: draft.edits };
        assert_eq!(cleaned.undo(), before);
        assert_eq!(cleaned.bytes_before() as u64, draft.bytes_before);
    }

    #[test]
    fn cleaning_and_c4_make_one_list() {
        let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
        let cleaner = Cleaner::new(&names(&["invisible"]), &names(&["email"]), false).unwrap();
        let raw = "Home | a@b.co\nWri\u{200b}te to a@b.co about the news of the day.";
        let mut draft = Draft::of(raw.into(), raw, Some(&cleaner));
        let lines = c4::lines(&draft.text, &c4::LinesParams::default(), |_| 1);
        draft.apply_c4(&lines.edits);
        assert_eq!(draft.text, "Write to email1@example.com about the news of the day.");
        let told: Vec<_> = draft
            .edits
            .iter()
            .map(|edit| (edit.kind.name(), edit.before, edit.original.as_deref()))
            .collect();
        assert_eq!(
            told,
            [
                ("c4_lines", 14, Some("Home | email1@example.com\n")),
                ("invisible", 3, Some("\u{200b}")),
                ("email", 6, None),
            ]
        );
        assert_eq!(draft.bytes_before, raw.len() as u64);
    }
}
