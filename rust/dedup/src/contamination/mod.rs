//! Which documents hold items of benchmarks: overlap of n-grams, each weighted by how rare it is.
//!
//! [`ItemIndex`] holds the n-grams of all items; [`ItemIndex::hits`] finds those that a text has, a clean text at the
//! cost of a few bits a word. Once the hits of all texts are counted, [`Scorer`] tells which items a text contains,
//! without the texts. In the manner of the n-gram overlap of GPT-3 (Brown et al. 2020, appendix C), weighted by inverse
//! document frequency.

mod filter;
mod find;
mod index;
mod params;
#[cfg(test)]
mod reference;
mod score;

pub use find::{Found, find_items};
pub use index::{HitScratch, ItemIndex};
pub use params::ContaminationParams;
pub use score::{ItemMatch, ScoreScratch, Scorer};
