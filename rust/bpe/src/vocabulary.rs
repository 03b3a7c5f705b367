//! The tokens by id: their bytes, and which of them are special.

/// A token of the vocabulary.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// No token has this id.
    Hole,
    /// Bytes of text.
    Text,
    /// A token that no text encodes to, written as it is.
    Special,
}

/// All tokens; ids begin at 0 and may have holes.
#[derive(Clone, Debug, Default)]
pub(crate) struct Vocabulary {
    bytes: Vec<u8>,
    spans: Vec<(usize, usize)>,
    kinds: Vec<Kind>,
}

impl Vocabulary {
    /// One more than the highest id.
    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    /// The tokens with the lowest `len` ids.
    pub(crate) fn prefix(&self, len: usize) -> Self {
        let len = len.min(self.len());
        let mut prefix = Self::default();
        prefix.spans.extend_from_slice(&self.spans[..len]);
        prefix.kinds.extend_from_slice(&self.kinds[..len]);
        let end = prefix.spans.iter().map(|&(start, len)| start + len).max().unwrap_or(0);
        prefix.bytes.extend_from_slice(&self.bytes[..end]);
        prefix
    }

    pub(crate) fn push(&mut self, bytes: &[u8]) -> u32 {
        self.append(bytes, Kind::Text)
    }

    pub(crate) fn push_special(&mut self, content: &str) -> u32 {
        self.append(content.as_bytes(), Kind::Special)
    }

    fn append(&mut self, bytes: &[u8], kind: Kind) -> u32 {
        let id = u32::try_from(self.spans.len()).unwrap_or(u32::MAX);
        self.set(id, bytes, kind);
        id
    }

    /// Gives an id its token; ids below it without one are holes.
    pub(crate) fn put(&mut self, id: u32, bytes: &[u8]) {
        self.set(id, bytes, Kind::Text);
    }

    /// Gives an id its special token.
    pub(crate) fn put_special(&mut self, id: u32, content: &str) {
        self.set(id, content.as_bytes(), Kind::Special);
    }

    fn set(&mut self, id: u32, bytes: &[u8], kind: Kind) {
        let at = id as usize;
        if at >= self.spans.len() {
            self.spans.resize(at + 1, (0, 0));
            self.kinds.resize(at + 1, Kind::Hole);
        }
        self.spans[at] = (self.bytes.len(), bytes.len());
        self.kinds[at] = kind;
        self.bytes.extend_from_slice(bytes);
    }

    /// The bytes of a token; none for a hole or an id behind the end.
    #[inline]
    pub(crate) fn get(&self, id: u32) -> Option<&[u8]> {
        let &(start, len) = self.spans.get(id as usize)?;
        (self.kinds[id as usize] != Kind::Hole).then(|| &self.bytes[start..start + len])
    }

    pub(crate) fn is_special(&self, id: u32) -> bool {
        self.kinds.get(id as usize) == Some(&Kind::Special)
    }

    /// The id of a special token.
    pub(crate) fn special(&self, content: &str) -> Option<u32> {
        self.specials().find(|&(_, found)| found == content.as_bytes()).map(|(id, _)| id)
    }

    /// The special tokens by rising id.
    pub(crate) fn specials(&self) -> impl Iterator<Item = (u32, &[u8])> {
        self.iter().filter(|&(id, _)| self.is_special(id))
    }

    /// All tokens by rising id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &[u8])> {
        (0..).take(self.len()).filter_map(|id| Some((id, self.get(id)?)))
    }

    /// The bytes that a token stands for in text: of a special token that equals one, the bytes it is written as.
    pub(crate) fn written(&self, id: u32) -> Vec<u8> {
        let bytes = self.get(id).unwrap_or_default();
        let special = self.is_special(id).then(|| std::str::from_utf8(bytes).ok()).flatten();
        special.and_then(crate::alphabet::to_bytes).unwrap_or_else(|| bytes.to_vec())
    }
}
