//! Columns of lists: token ids as wide as the shards have them, and what belongs to stretches.

use std::sync::Arc;

use arrow_array::{ArrayRef, ListArray, StringArray, UInt16Array, UInt32Array};
use arrow_buffer::OffsetBuffer;
use arrow_schema::{DataType, Field};
use gamayun_shard::{TokenWidth, Tokens};

/// Lists of token ids on their way into a column.
#[derive(Debug)]
pub(super) struct TokenLists {
    ids: Ids,
    lengths: Vec<usize>,
}

#[derive(Debug)]
enum Ids {
    U16(Vec<u16>),
    U32(Vec<u32>),
}

impl TokenLists {
    pub(super) fn new(width: TokenWidth) -> Self {
        let ids = match width {
            TokenWidth::U16 => Ids::U16(Vec::new()),
            TokenWidth::U32 => Ids::U32(Vec::new()),
        };
        Self { ids, lengths: Vec::new() }
    }

    /// Adds a list; ids of a shard have the width of its run.
    pub(super) fn push(&mut self, tokens: Tokens<'_>) {
        match (&mut self.ids, tokens) {
            (Ids::U16(ids), Tokens::U16(more)) => ids.extend_from_slice(more),
            (Ids::U32(ids), Tokens::U32(more)) => ids.extend_from_slice(more),
            (Ids::U32(ids), Tokens::U16(more)) => ids.extend(more.iter().copied().map(u32::from)),
            (Ids::U16(ids), Tokens::U32(more)) => {
                ids.extend(more.iter().filter_map(|&id| u16::try_from(id).ok()));
            }
        }
        self.lengths.push(tokens.len());
    }

    /// The column of what was added.
    pub(super) fn finish(self) -> ArrayRef {
        match self.ids {
            Ids::U16(ids) => list(DataType::UInt16, Arc::new(UInt16Array::from(ids)), self.lengths),
            Ids::U32(ids) => list(DataType::UInt32, Arc::new(UInt32Array::from(ids)), self.lengths),
        }
    }
}

/// The type of a column of token ids.
pub(super) fn kind(width: TokenWidth) -> DataType {
    of(match width {
        TokenWidth::U16 => DataType::UInt16,
        TokenWidth::U32 => DataType::UInt32,
    })
}

/// The type of lists of this type.
pub(super) fn of(item: DataType) -> DataType {
    DataType::List(Arc::new(Field::new_list_field(item, false)))
}

/// Values dealt out to lists of these lengths.
pub(super) fn list(
    item: DataType,
    values: ArrayRef,
    lengths: impl IntoIterator<Item = usize>,
) -> ArrayRef {
    let field = Arc::new(Field::new_list_field(item, false));
    Arc::new(ListArray::new(field, OffsetBuffer::from_lengths(lengths), values, None))
}

/// Names dealt out to lists of these lengths.
pub(super) fn names<'a>(
    names: impl Iterator<Item = &'a str>,
    lengths: impl IntoIterator<Item = usize>,
) -> ArrayRef {
    list(DataType::Utf8, Arc::new(StringArray::from_iter_values(names)), lengths)
}
