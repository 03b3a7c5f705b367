//! Encoding whole texts and bytes: added tokens first, then what lies between them.

use crate::encode::added::{Part, Specials};
use crate::{EncodeScratch, Result, Tokenizer};

impl Tokenizer {
    /// Appends the tokens of a text under a policy for the special tokens that it holds. Added tokens that are not special
    /// are recognised under each, as the rest of the vocabulary is. None are added at the ends.
    pub fn encode_with(
        &self,
        text: &str,
        specials: &Specials,
        scratch: &mut EncodeScratch,
        out: &mut Vec<u32>,
    ) -> Result<()> {
        if !self.added.iter().flatten().any(|added| added.matter(specials)) {
            return self.encode_normalised(&self.normalizer.apply(text), scratch, out);
        }
        for part in self.parts_of(0, text, specials)? {
            let Part { token: None, start, end } = part else {
                out.extend(part.token);
                continue;
            };
            let text = self.normalizer.apply(&text[start..end]);
            for part in self.parts_of(1, &text, specials)? {
                match part.token {
                    Some(id) => out.push(id),
                    None => self.encode_normalised(&text[part.start..part.end], scratch, out)?,
                }
            }
        }
        Ok(())
    }

    /// Appends the tokens of bytes: each stretch of UTF-8 as a text, each other byte as its own token. So bytes decode to
    /// themselves, unless the tokenizer normalises.
    pub fn encode_bytes(
        &self,
        bytes: &[u8],
        specials: &Specials,
        scratch: &mut EncodeScratch,
        out: &mut Vec<u32>,
    ) -> Result<()> {
        for chunk in bytes.utf8_chunks() {
            self.encode_with(chunk.valid(), specials, scratch, out)?;
            out.extend(chunk.invalid().iter().map(|&byte| self.byte_ids[usize::from(byte)]));
        }
        Ok(())
    }

    fn encode_normalised(
        &self,
        text: &str,
        scratch: &mut EncodeScratch,
        out: &mut Vec<u32>,
    ) -> Result<()> {
        let mut run = self.engine().begin(text.as_bytes(), scratch, out);
        self.pattern.spans(text, |start, end| run.push_text(start, end - start))?;
        run.flush();
        Ok(())
    }

    /// Appends the tokens of one pretoken.
    pub(crate) fn encode_pretoken(
        &self,
        pretoken: &[u8],
        scratch: &mut EncodeScratch,
        out: &mut Vec<u32>,
    ) {
        let mut run = self.engine().begin(pretoken, scratch, out);
        if !pretoken.is_empty() {
            run.push(0, pretoken.len());
        }
        run.flush();
    }

    /// The added tokens of a text that is not normalised, and what lies between them.
    pub(crate) fn parts(&self, text: &str, specials: &Specials) -> Result<Vec<Part>> {
        let mut parts = Vec::new();
        for part in self.parts_of(0, text, specials)? {
            if part.token.is_some() {
                parts.push(part);
                continue;
            }
            let inner = self.parts_of(1, &text[part.start..part.end], specials)?;
            let moved = |inner: Part| Part {
                start: inner.start + part.start,
                end: inner.end + part.start,
                ..inner
            };
            parts.extend(inner.into_iter().map(moved));
        }
        Ok(parts)
    }

    /// The parts by the tokens that are looked for before normalising (0) or after it (1).
    fn parts_of(&self, when: usize, text: &str, specials: &Specials) -> Result<Vec<Part>> {
        match &self.added[when] {
            Some(added) => added.parts(text, specials),
            None if text.is_empty() => Ok(Vec::new()),
            None => Ok(vec![Part { token: None, start: 0, end: text.len() }]),
        }
    }
}
