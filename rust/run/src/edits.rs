//! Edits: the spans of base text that levels remove from a document, and the table `edits/` that holds them.

use std::ops::Range;
use std::sync::Arc;

use arrow_array::builder::{
    BooleanBuilder, FixedSizeBinaryBuilder, ListBuilder, StringBuilder, StructBuilder,
    UInt64Builder,
};
use arrow_array::cast::AsArray;
use arrow_array::types::UInt64Type;
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, Field, Fields, Schema, SchemaRef};
use gamayun_text::DocId;

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::part::Part;
use crate::part::index;
use crate::tables::{self, ID_BYTES, for_each_batch, id_at};

/// Where edits lie, if a level is part of the run.
pub(crate) const EDITS: &str = "edits";

/// What removes text; each level sees what those before it left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    Paragraph,
    Line,
    Substring,
}

impl Level {
    pub(crate) const ALL: [Self; 3] = [Self::Paragraph, Self::Line, Self::Substring];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Paragraph => "paragraph",
            Self::Line => "line",
            Self::Substring => "substring",
        }
    }

    fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.name() == name)
    }
}

/// Bytes of base text that a level removes; the evidence is the hash of the passage, or the document that keeps the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub start: u64,
    pub end: u64,
    pub level: Level,
    pub evidence: DocId,
}

/// What the levels do to one document.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Edit {
    /// Ordered, without overlaps.
    pub spans: Vec<Span>,
    /// The levels that keep text here because they remove it elsewhere: such a document is never dropped.
    pub keeps: Vec<Level>,
    /// Too little is left of the text.
    pub dropped: bool,
}

impl Edit {
    /// The edit as it was before `level` and those after it.
    pub(crate) fn before(mut self, level: Level) -> Self {
        self.spans.retain(|span| span.level < level);
        self.keeps.retain(|&keeps| keeps < level);
        self
    }

    /// Adds spans of a level, given in bytes of the text as edited so far, in order.
    pub(crate) fn add(&mut self, level: Level, cuts: &[(Range<usize>, DocId)]) {
        let kept = kept(&self.spans);
        for (cut, evidence) in cuts {
            let (from, to) = (cut.start as u64, cut.end as u64);
            let mut before = 0;
            for piece in &kept {
                let length = piece.end - piece.start;
                let (start, end) = (from.max(before), to.min(before + length));
                if start < end {
                    let shift = piece.start.wrapping_sub(before);
                    let (start, end) = (start.wrapping_add(shift), end.wrapping_add(shift));
                    self.spans.push(Span { start, end, level, evidence: *evidence });
                }
                before = before.saturating_add(length);
            }
        }
        self.spans.sort_unstable_by_key(|span| span.start);
    }

    /// Drops the document if levels left fewer characters than that of it, white space around them not counted, unless it keeps text for others.
    pub(crate) fn settle(&mut self, left: &str, min_characters: u64) {
        let short = || (left.trim().chars().count() as u64) < min_characters.max(1);
        self.dropped = !self.spans.is_empty() && self.keeps.is_empty() && short();
    }
}

/// The pieces between spans, the last without an end.
fn kept(spans: &[Span]) -> Vec<Range<u64>> {
    let starts = std::iter::once(0).chain(spans.iter().map(|span| span.end));
    let ends = spans.iter().map(|span| span.start).chain([u64::MAX]);
    starts.zip(ends).filter(|(start, end)| start < end).map(|(start, end)| start..end).collect()
}

/// A text without these spans, which lie in it.
pub(crate) fn apply(text: &str, spans: &[Span]) -> String {
    let end = |end: u64| usize::try_from(end).unwrap_or(text.len()).min(text.len());
    kept(spans).into_iter().filter_map(|piece| text.get(end(piece.start)..end(piece.end))).collect()
}

fn span_fields() -> Fields {
    let field = |name: &str, kind: DataType| Field::new(name, kind, false);
    Fields::from(vec![
        field("start", DataType::UInt64),
        field("end", DataType::UInt64),
        field("level", DataType::Utf8),
        field("evidence", DataType::FixedSizeBinary(ID_BYTES)),
    ])
}

/// `edits/`: row i speaks of document i.
pub(crate) fn schema() -> SchemaRef {
    let span = Field::new("item", DataType::Struct(span_fields()), false);
    Arc::new(Schema::new(vec![
        Field::new("spans", DataType::List(Arc::new(span)), false),
        Field::new("keeps_passage", DataType::Boolean, false),
        Field::new("keeps_substring", DataType::Boolean, false),
        Field::new("dropped", DataType::Boolean, false),
    ]))
}

/// The rows of the table.
pub(crate) fn batch(edits: &[Edit]) -> Result<RecordBatch> {
    let wrong =
        |error: &dyn std::fmt::Display| Error::damaged("edits in memory", error.to_string());
    let item = Field::new("item", DataType::Struct(span_fields()), false);
    let mut spans =
        ListBuilder::new(StructBuilder::from_fields(span_fields(), 0)).with_field(Arc::new(item));
    let mut flags: [BooleanBuilder; 3] = std::array::from_fn(|_| BooleanBuilder::new());
    for edit in edits {
        for span in &edit.spans {
            let row = spans.values();
            for (place, value) in [span.start, span.end].into_iter().enumerate() {
                row.field_builder::<UInt64Builder>(place)
                    .ok_or_else(|| wrong(&"no number"))?
                    .append_value(value);
            }
            row.field_builder::<StringBuilder>(2)
                .ok_or_else(|| wrong(&"no string"))?
                .append_value(span.level.name());
            row.field_builder::<FixedSizeBinaryBuilder>(3)
                .ok_or_else(|| wrong(&"no bytes"))?
                .append_value(span.evidence.to_bytes())
                .map_err(|error| wrong(&error))?;
            row.append(true);
        }
        spans.append(true);
        let substring = edit.keeps.contains(&Level::Substring);
        let passage = edit.keeps.iter().any(|&level| level != Level::Substring);
        for (flag, value) in flags.iter_mut().zip([passage, substring, edit.dropped]) {
            flag.append_value(value);
        }
    }
    let mut columns: Vec<ArrayRef> = vec![Arc::new(spans.finish())];
    columns.extend(flags.iter_mut().map(|flag| Arc::new(flag.finish()) as ArrayRef));
    tables::batch(schema(), columns)
}

/// What the table says of the documents of a part.
pub(crate) fn read(layout: &Layout, part: &Part) -> Result<Vec<Edit>> {
    let path = layout.path(format!("{EDITS}/{}.parquet", part.stem));
    let mut edits = Vec::with_capacity(index(part.documents));
    let columns = ["spans", "keeps_passage", "keeps_substring", "dropped"];
    for_each_batch(&path, &columns, |_, rows| {
        let wrong = || Error::damaged(&path, "column spans is not a list of spans");
        let spans = rows.column("spans")?.as_list_opt::<i32>().ok_or_else(wrong)?;
        let (passages, substrings) =
            (rows.booleans("keeps_passage")?, rows.booleans("keeps_substring")?);
        let dropped = rows.booleans("dropped")?;
        for row in 0..rows.len() {
            let spans = parse(&spans.value(row)).ok_or_else(wrong)?;
            let mut keeps = Vec::new();
            keeps.extend(passages.value(row).then_some(Level::Paragraph));
            keeps.extend(substrings.value(row).then_some(Level::Substring));
            edits.push(Edit { spans, keeps, dropped: dropped.value(row) });
        }
        Ok(())
    })?;
    if edits.len() != index(part.documents) {
        let what = format!("{} rows for {} documents", edits.len(), part.documents);
        return Err(Error::damaged(path, what));
    }
    Ok(edits)
}

fn parse(spans: &ArrayRef) -> Option<Vec<Span>> {
    let spans = spans.as_struct_opt()?;
    let starts = spans.column(0).as_primitive_opt::<UInt64Type>()?;
    let ends = spans.column(1).as_primitive_opt::<UInt64Type>()?;
    let levels = spans.column(2).as_string_opt::<i32>()?;
    let evidence = spans.column(3).as_fixed_size_binary_opt()?;
    (0..spans.len())
        .map(|row| {
            let level = Level::of_name(levels.value(row))?;
            let (start, end) = (starts.value(row), ends.value(row));
            Some(Span { start, end, level, evidence: id_at(evidence, row) })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn later_levels_see_the_text_that_earlier_ones_left() {
        let text = "0123456789";
        let mut edit = Edit::default();
        edit.add(Level::Paragraph, &[(2..4, DocId(1)), (6..7, DocId(2))]);
        assert_eq!(apply(text, &edit.spans), "0145789");
        edit.add(Level::Line, &[(1..5, DocId(3))]);
        assert_eq!(apply(text, &edit.spans), "089");
        let places: Vec<_> = edit.spans.iter().map(|s| (s.start, s.end, s.evidence.0)).collect();
        assert_eq!(places, [(1, 2, 3), (2, 4, 1), (4, 6, 3), (6, 7, 2), (7, 8, 3)]);
        let back = edit.clone().before(Level::Line);
        assert_eq!(apply(text, &back.spans), "0145789");
        assert_eq!(edit.before(Level::Paragraph), Edit::default());
    }

    #[test]
    fn what_keeps_text_for_others_is_not_dropped() {
        let mut edit = Edit::default();
        edit.settle("ab", 9);
        assert!(!edit.dropped, "only what was edited is dropped");
        edit.add(Level::Paragraph, &[(0..1, DocId(1))]);
        edit.settle("b", 2);
        assert!(edit.dropped);
        edit.settle("b", 1);
        assert!(!edit.dropped);
        edit.keeps.push(Level::Line);
        edit.settle("b", 9);
        assert!(!edit.dropped);
    }
}
