//! What was changed in texts before they became documents: the table `cleaning/`, from which the text before can be made again.

use std::sync::Arc;

use arrow_array::builder::{ListBuilder, StringBuilder, StructBuilder, UInt64Builder};
use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use gamayun_quality::c4;

use crate::error::Result;
use crate::tables;

/// The folder, if anything of a run may change texts.
pub(crate) const CLEANING: &str = "cleaning";

/// Lines that C4 leaves out, citations, and white space around lines.
pub(crate) const C4_LINES: &str = "c4_lines";

/// Bytes `start..end` of the text of a document, and what stood there before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change {
    pub kind: &'static str,
    pub start: u64,
    pub end: u64,
    pub original: String,
}

/// The edits of C4 as changes of the text that they leave.
pub(crate) fn of_c4(before: &str, edits: &[c4::Edit]) -> Vec<Change> {
    let (mut removed, mut added) = (0, 0);
    let change = |edit: &c4::Edit| {
        let start = edit.start - removed + added;
        removed += edit.end - edit.start;
        added += edit.with.len();
        Change {
            kind: C4_LINES,
            start: start as u64,
            end: (start + edit.with.len()) as u64,
            original: before[edit.start..edit.end].to_owned(),
        }
    };
    edits.iter().map(change).collect()
}

fn change_fields() -> Fields {
    Fields::from(vec![
        Field::new("kind", DataType::Utf8, false),
        Field::new("start", DataType::UInt64, false),
        Field::new("end", DataType::UInt64, false),
        Field::new("original", DataType::Utf8, true),
    ])
}

/// Row i tells the changes of document i, in order, without overlaps.
pub(crate) fn schema() -> SchemaRef {
    let item = Field::new("item", DataType::Struct(change_fields()), false);
    Arc::new(Schema::new(vec![Field::new("changes", DataType::List(Arc::new(item)), false)]))
}

/// Makes the rows of a batch.
pub(crate) struct Rows {
    lists: ListBuilder<StructBuilder>,
    /// Documents that were changed.
    pub documents: u64,
    /// Bytes that were taken out of texts.
    pub removed_bytes: u64,
    /// Bytes that were put in.
    pub added_bytes: u64,
}

impl Rows {
    pub(crate) fn new(rows: usize) -> Self {
        let builder = StructBuilder::from_fields(change_fields(), 0);
        let item = Field::new("item", DataType::Struct(change_fields()), false);
        let lists = ListBuilder::with_capacity(builder, rows).with_field(item);
        Self { lists, documents: 0, removed_bytes: 0, added_bytes: 0 }
    }

    /// The changes of the next document.
    pub(crate) fn push(&mut self, changes: &[Change]) {
        self.documents += u64::from(!changes.is_empty());
        for change in changes {
            self.removed_bytes += change.original.len() as u64;
            self.added_bytes += change.end - change.start;
            let row = self.lists.values();
            if let Some(kind) = row.field_builder::<StringBuilder>(0) {
                kind.append_value(change.kind);
            }
            for (n, value) in [(1, change.start), (2, change.end)] {
                if let Some(builder) = row.field_builder::<UInt64Builder>(n) {
                    builder.append_value(value);
                }
            }
            if let Some(original) = row.field_builder::<StringBuilder>(3) {
                original.append_value(&change.original);
            }
            row.append(true);
        }
        self.lists.append(true);
    }

    pub(crate) fn finish(mut self) -> Result<RecordBatch> {
        let columns: Vec<ArrayRef> = vec![Arc::new(self.lists.finish())];
        tables::batch(schema(), columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn undo(text: &str, changes: &[Change]) -> String {
        let (mut before, mut from) = (String::new(), 0);
        for change in changes {
            let [start, end] = [change.start, change.end].map(|at| usize::try_from(at).unwrap());
            before.push_str(&text[from..start]);
            before.push_str(&change.original);
            from = end;
        }
        before + &text[from..]
    }

    #[test]
    fn changes_lead_back() {
        let before = "  Home\nIt rained all [1] day.\r\nx\u{85}We went home, too. \n";
        let lines = c4::lines(before, &c4::LinesParams::default(), |_| 1);
        let after = c4::apply(before, &lines.edits);
        assert_eq!(after, "It rained all  day.\nWe went home, too.");
        let changes = of_c4(before, &lines.edits);
        assert_eq!(undo(&after, &changes), before);
        let mut rows = Rows::new(2);
        rows.push(&changes);
        rows.push(&[]);
        assert_eq!(rows.documents, 1);
        let difference = rows.removed_bytes - rows.added_bytes;
        assert_eq!(difference, (before.len() - after.len()) as u64);
        assert_eq!(rows.finish().unwrap().num_rows(), 2);
    }
}
