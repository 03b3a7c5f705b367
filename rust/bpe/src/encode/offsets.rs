//! Where in the text each token lies.

use crate::encode::added::Specials;
use crate::{EncodeScratch, Error, Result, Tokenizer};

/// A token with the bytes of the text that it stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Located {
    /// The token.
    pub id: u32,
    /// The byte of the text where it begins.
    pub start: u64,
    /// The byte behind it.
    pub end: u64,
}

impl Tokenizer {
    /// The tokens of a text with the bytes of the text that each stands for. The tokens are those of
    /// [`Tokenizer::encode_with`]; an error for a text that the tokenizer normalises to another.
    pub fn locate(
        &self,
        text: &str,
        specials: &Specials,
        scratch: &mut EncodeScratch,
    ) -> Result<Vec<Located>> {
        let mut located = Vec::new();
        for part in self.parts(text, specials)? {
            let (start, piece) = (part.start as u64, &text[part.start..part.end]);
            match part.token {
                Some(id) => located.push(Located { id, start, end: part.end as u64 }),
                None => self.locate_plain(piece, start, scratch, &mut located)?,
            }
        }
        Ok(located)
    }

    fn locate_plain(
        &self,
        text: &str,
        base: u64,
        scratch: &mut EncodeScratch,
        located: &mut Vec<Located>,
    ) -> Result<()> {
        if *self.normalizer.apply(text) != *text {
            return Err(Error::NormalisedOffsets);
        }
        let mut pretokens = Vec::new();
        self.pattern.pretokens(text, |pretoken| pretokens.push(pretoken))?;
        let mut ids = Vec::new();
        for pretoken in pretokens {
            let mut start = base + crate::key::offset(text, pretoken) as u64;
            ids.clear();
            self.encode_pretoken(pretoken.as_bytes(), scratch, &mut ids);
            for &id in &ids {
                let end = start + self.vocabulary.written(id).len() as u64;
                located.push(Located { id, start, end });
                start = end;
            }
        }
        Ok(())
    }
}

/// The spans of tokens in characters, in the order of the tokens: from the character that the first byte belongs to, to
/// behind the one of the last byte, as HF tokenizers counts them.
#[must_use]
pub fn in_characters(text: &str, located: &[Located]) -> Vec<(u64, u64)> {
    let (mut starts, mut ends) = (Characters::new(text), Characters::new(text));
    let span = |token: &Located| {
        (starts.begun_before(token.start + 1).saturating_sub(1), ends.begun_before(token.end))
    };
    located.iter().map(span).collect()
}

/// Counts the characters of a text up to rising bytes.
struct Characters<'t> {
    rest: std::iter::Peekable<std::str::CharIndices<'t>>,
    count: u64,
}

impl<'t> Characters<'t> {
    fn new(text: &'t str) -> Self {
        Self { rest: text.char_indices().peekable(), count: 0 }
    }

    fn begun_before(&mut self, byte: u64) -> u64 {
        while self.rest.next_if(|&(at, _)| (at as u64) < byte).is_some() {
            self.count += 1;
        }
        self.count
    }
}
