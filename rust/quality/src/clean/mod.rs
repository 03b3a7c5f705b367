//! Cleaning: text to text without what broke it or does not belong to it, and the edits that lead back.

mod broken;
mod charset;
mod cleaner;
mod edits;
mod entities;
mod homoglyph;
mod invisible;
mod kind;
mod letters;
mod lines;
mod markup;
mod misread;
mod mojibake;
mod phrases;
mod private;
mod reading;
mod repair;
mod search;
mod wrapped;

pub use cleaner::{Cleaner, PRIVATE, REPAIRS};
pub use edits::{Change, Cleaned, Edit};
pub use kind::Kind;
pub use lines::{LINES, LineFilter};
pub use repair::{Repairs, repair};
