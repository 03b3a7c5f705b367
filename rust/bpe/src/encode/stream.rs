//! Encoding a document that comes in pieces, with memory for little more than a piece.

use crate::encode::added::{AddedTokens, Specials};
use crate::split::class::{Chars, LETTER, NUMBER, OTHER, WHITE};
use crate::split::pattern::Normalizer;
use crate::{EncodeScratch, Error, Pattern, Result, Tokenizer};

/// A document that is being encoded piece by piece: its tokens are those of the whole.
///
/// Text is held back up to the last place where every known split pattern cuts whatever comes before and behind: between
/// letters, digits, and what is neither. So the memory is bounded by the longest stretch without such a place, such as a
/// single word. A pattern of one's own has no such places, nor have added tokens that are looked for in normalised text:
/// then all text is held back to the end.
#[derive(Debug, Default)]
pub struct EncodeStream {
    specials: Specials,
    held: String,
    /// Bytes of `held` in which no place was found.
    searched: usize,
    /// Bytes encoded before `held`.
    done: usize,
    scratch: EncodeScratch,
}

impl EncodeStream {
    /// The begin of a document.
    #[must_use]
    pub fn new(specials: Specials) -> Self {
        Self { specials, ..Self::default() }
    }

    /// Takes the next piece and appends the tokens that no further text can change.
    pub fn push(&mut self, tokenizer: &Tokenizer, piece: &str, out: &mut Vec<u32>) -> Result<()> {
        self.held.push_str(piece);
        let Some(cut) = self.cut(tokenizer) else { return Ok(()) };
        self.encode(tokenizer, cut, out)
    }

    /// Appends the tokens of what is held back. The stream then begins a new document.
    pub fn finish(&mut self, tokenizer: &Tokenizer, out: &mut Vec<u32>) -> Result<()> {
        self.encode(tokenizer, self.held.len(), out)?;
        self.done = 0;
        Ok(())
    }

    fn encode(&mut self, tokenizer: &Tokenizer, end: usize, out: &mut Vec<u32>) -> Result<()> {
        let text = &self.held[..end];
        let done = tokenizer.encode_with(text, &self.specials, &mut self.scratch, out);
        done.map_err(|error| behind(error, self.done))?;
        self.held.drain(..end);
        self.searched = 0;
        self.done += end;
        Ok(())
    }

    /// The last place where the held text can be cut.
    fn cut(&mut self, tokenizer: &Tokenizer) -> Option<usize> {
        if !matches!(tokenizer.pattern, Pattern::Known(_)) {
            return None;
        }
        let added: Vec<&AddedTokens> =
            tokenizer.added.iter().flatten().filter(|some| some.matter(&self.specials)).collect();
        // What is looked for after normalising may be written otherwise here.
        let late = tokenizer.added[1].as_ref().is_some_and(|late| late.matter(&self.specials));
        if late && tokenizer.normalizer != Normalizer::None {
            return None;
        }
        // One may be written across the end of the piece.
        let margin = added.iter().map(|some| some.longest()).max().unwrap_or(0);
        let written: Vec<(usize, usize)> =
            added.iter().flat_map(|some| some.written(&self.held)).collect();
        let mut end = self.held.floor_char_boundary(self.held.len().saturating_sub(margin));
        loop {
            let Some(cut) = last_place(&self.held, self.searched, end) else {
                // A character of what was searched may be the left side of a place.
                self.searched =
                    self.held[..end].char_indices().next_back().map_or(0, |last| last.0);
                return None;
            };
            match written.iter().find(|(start, stop)| (*start..=*stop).contains(&cut)) {
                Some(&(start, _)) if start > self.searched => end = start,
                Some(_) => return None,
                None => return Some(cut),
            }
        }
    }
}

/// The last place in a part of a text where every known pattern cuts, whatever lies around it.
fn last_place(text: &str, from: usize, to: usize) -> Option<usize> {
    let chars = Chars::new(text);
    let mut right = None;
    for (at, _) in text[from..to].char_indices().rev() {
        let (class, len) = chars.class(from + at);
        if let Some(right) = right
            && is_place(class, right, chars.byte(from + at + len))
        {
            return Some(from + at + len);
        }
        right = Some(class);
    }
    None
}

/// A word may go on with an apostrophe, and with nothing else but letters and marks.
fn is_place(left: u8, right: u8, byte: u8) -> bool {
    let word_ends = left & LETTER != 0 && right & (NUMBER | WHITE | OTHER) != 0 && byte != b'\'';
    let number_ends = left & NUMBER != 0 && right & (LETTER | WHITE | OTHER) != 0;
    word_ends || number_ends
}

/// An error at a byte of a part of a text, as one of the whole.
fn behind(error: Error, done: usize) -> Error {
    match error {
        Error::SpecialInText { token, byte } => Error::SpecialInText { token, byte: byte + done },
        Error::SplitEngine { regex, byte, reason } => {
            Error::SplitEngine { regex, byte: byte + done, reason }
        }
        other => other,
    }
}
