//! Text to measurements, and measurements to verdicts by named rules.
//!
//! [`measure`] touches the text once; [`judge`] only compares its values with the thresholds of a [`Profile`], so
//! thresholds can change without reading the text again. The rules are those of `datatrove` 0.10.1: Gopher repetition,
//! Gopher quality, FineWeb quality and C4, each with the reason that `datatrove` gives. [`measure_in_order`] lets the
//! rules after C4 see the text that it leaves.

pub mod c4;
mod chars;
pub mod clean;
mod error;
pub mod fit;
pub mod fluency;
mod judge;
mod junk;
mod line_ends;
mod measure;
mod measurement;
mod profile;
#[cfg(test)]
mod reference;
pub mod rules;
mod segment;
mod shipped;

/// Version of the measurements, rules and words: it goes up when any of them changes for any text.
pub const VERSION: u32 = 3;

pub use error::{Error, Result};
pub use judge::{Verdict, judge};
pub use junk::add_lost_letters;
pub use measure::{Ordered, Scratch, measure, measure_in_order, measure_junk};
pub use measurement::{MEASUREMENTS, Measured, Measurement, Metric, N};
pub use profile::Profile;
pub use rules::catalogue;
pub use segment::Segmenter;
