//! A slot of the words: the id of a token, or what stands between; 16 bits where the vocabulary is small enough.

/// An id in as few bytes as the vocabulary needs.
pub(crate) trait Symbol: Copy + Eq + Send + Sync + 'static {
    /// Between two words, and at both ends.
    const SEPARATOR: Self;
    /// A slot inside of a symbol.
    const CLEARED: Self;
    /// Ids are below this.
    const IDS: u32;

    /// The symbol of an id, which must be below [`Symbol::IDS`].
    fn of(id: u32) -> Self;

    /// The id of a symbol.
    fn id(self) -> u32;
}

impl Symbol for u32 {
    const SEPARATOR: Self = u32::MAX;
    const CLEARED: Self = u32::MAX - 1;
    const IDS: u32 = u32::MAX - 1;

    #[inline]
    fn of(id: u32) -> Self {
        id
    }

    #[inline]
    fn id(self) -> u32 {
        self
    }
}

impl Symbol for u16 {
    const SEPARATOR: Self = u16::MAX;
    const CLEARED: Self = u16::MAX - 1;
    const IDS: u32 = 0xFFFE;

    #[inline]
    #[expect(clippy::cast_possible_truncation, reason = "ids are below `IDS`")]
    fn of(id: u32) -> Self {
        id as u16
    }

    #[inline]
    fn id(self) -> u32 {
        u32::from(self)
    }
}
