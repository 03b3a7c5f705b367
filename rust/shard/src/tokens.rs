//! A view of token ids as they lie on disk, 16 or 32 bits wide.

use std::ops::Range;

use crate::TokenWidth;

/// Borrowed token ids of either width.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tokens<'a> {
    /// Ids of 16 bits.
    U16(&'a [u16]),
    /// Ids of 32 bits.
    U32(&'a [u32]),
}

impl<'a> Tokens<'a> {
    /// The ids in these bytes; none if the bytes are not whole, aligned ids.
    pub(crate) fn of_bytes(bytes: &'a [u8], width: TokenWidth) -> Option<Self> {
        match width {
            TokenWidth::U16 => bytemuck::try_cast_slice(bytes).ok().map(Self::U16),
            TokenWidth::U32 => bytemuck::try_cast_slice(bytes).ok().map(Self::U32),
        }
    }

    /// How many.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::U16(ids) => ids.len(),
            Self::U32(ids) => ids.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The `i`-th id.
    #[must_use]
    pub fn get(self, i: usize) -> Option<u32> {
        match self {
            Self::U16(ids) => ids.get(i).copied().map(u32::from),
            Self::U32(ids) => ids.get(i).copied(),
        }
    }

    /// The ids of a range; none if it reaches past the end.
    #[must_use]
    pub fn slice(self, range: Range<usize>) -> Option<Self> {
        match self {
            Self::U16(ids) => ids.get(range).map(Self::U16),
            Self::U32(ids) => ids.get(range).map(Self::U32),
        }
    }

    /// The ids, copied and widened to 32 bits.
    #[must_use]
    pub fn to_vec(self) -> Vec<u32> {
        match self {
            Self::U16(ids) => ids.iter().copied().map(u32::from).collect(),
            Self::U32(ids) => ids.to_vec(),
        }
    }

    /// The ids as they lie on disk: little-endian.
    #[must_use]
    pub fn as_bytes(self) -> &'a [u8] {
        match self {
            Self::U16(ids) => bytemuck::cast_slice(ids),
            Self::U32(ids) => bytemuck::cast_slice(ids),
        }
    }

    /// The largest id, and whether `wanted` is among them.
    pub(crate) fn survey(self, wanted: u32) -> (u32, bool) {
        match self {
            Self::U16(ids) => match u16::try_from(wanted) {
                Ok(wanted) => (self.max(), ids.contains(&wanted)),
                Err(_) => (self.max(), false),
            },
            Self::U32(ids) => (self.max(), ids.contains(&wanted)),
        }
    }

    fn max(self) -> u32 {
        match self {
            Self::U16(ids) => ids.iter().copied().fold(0, u16::max).into(),
            Self::U32(ids) => ids.iter().copied().fold(0, u32::max),
        }
    }

    /// The place of the first id that `is` accepts.
    pub(crate) fn position(self, is: impl Fn(u32) -> bool) -> Option<usize> {
        match self {
            Self::U16(ids) => ids.iter().position(|&id| is(id.into())),
            Self::U32(ids) => ids.iter().position(|&id| is(id)),
        }
    }
}
