//! The rules of C4: lines that are left out, a text that is then too little, paragraphs, bad words.
//!
//! Raffel et al. 2020 (arXiv 1910.10683, section 2.2) and mC4 (Xue et al. 2021), as `datatrove` 0.10.1 has them in
//! `C4QualityFilter`, `C4ParagraphFilter` and `C4BadWordsFilter`. C4 quality is an edit: what it keeps are spans of the
//! text ([`lines()`]), and the rules after it see the text that it leaves ([`apply`]).

mod bad_words;
mod citations;
mod edit;
mod lines;
mod paragraphs;
mod phrases;
#[cfg(test)]
mod reference;

pub use bad_words::{BadWords, lot};
pub use edit::{Edit, apply};
pub use lines::{DroppedLines, Line, Lines, LinesParams, Stop, lines};
pub use paragraphs::third_longest_line;
