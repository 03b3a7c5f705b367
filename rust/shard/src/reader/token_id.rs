//! The types in which token ids and positions are given.

use crate::Tokens;

/// A type that token ids are given in: what is on disk is copied or widened.
pub trait TokenId: Copy + Sized {
    /// Copies the tokens from `start` on; none if this type is narrower than they are, or if they end before.
    fn copy(tokens: Tokens<'_>, start: u64, out: &mut [Self]) -> Option<()>;
}

impl TokenId for u16 {
    fn copy(tokens: Tokens<'_>, start: u64, out: &mut [Self]) -> Option<()> {
        match slice(tokens, start, out.len())? {
            Tokens::U16(ids) => out.copy_from_slice(ids),
            Tokens::U32(_) => return None,
        }
        Some(())
    }
}

impl TokenId for u32 {
    fn copy(tokens: Tokens<'_>, start: u64, out: &mut [Self]) -> Option<()> {
        match slice(tokens, start, out.len())? {
            Tokens::U16(ids) => widen(ids, out),
            Tokens::U32(ids) => out.copy_from_slice(ids),
        }
        Some(())
    }
}

impl TokenId for i32 {
    fn copy(tokens: Tokens<'_>, start: u64, out: &mut [Self]) -> Option<()> {
        match slice(tokens, start, out.len())? {
            Tokens::U16(ids) => widen(ids, out),
            // Ids are below 2³¹ (docs/format.md), so the bytes are the same.
            Tokens::U32(ids) => out.copy_from_slice(bytemuck::cast_slice(ids)),
        }
        Some(())
    }
}

impl TokenId for i64 {
    fn copy(tokens: Tokens<'_>, start: u64, out: &mut [Self]) -> Option<()> {
        match slice(tokens, start, out.len())? {
            Tokens::U16(ids) => widen(ids, out),
            Tokens::U32(ids) => widen(ids, out),
        }
        Some(())
    }
}

fn slice(tokens: Tokens<'_>, start: u64, len: usize) -> Option<Tokens<'_>> {
    let start = usize::try_from(start).ok()?;
    tokens.slice(start..start.checked_add(len)?)
}

fn widen<A: Copy + Into<B>, B>(from: &[A], to: &mut [B]) {
    for (to, &from) in to.iter_mut().zip(from) {
        *to = from.into();
    }
}

/// A type that positions are given in.
pub trait Position: Copy {
    /// A position, which is below 2³¹.
    fn of(position: u32) -> Self;
}

impl Position for i32 {
    fn of(position: u32) -> Self {
        position.cast_signed()
    }
}

impl Position for i64 {
    fn of(position: u32) -> Self {
        position.into()
    }
}
