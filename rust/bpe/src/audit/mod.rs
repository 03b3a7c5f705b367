//! How well a tokenizer fits text, and what of its vocabulary is of no use.

mod counted;
mod measure;
mod reach;
mod renyi;
mod scripts;
mod spread;
mod sums;
mod vocabulary;

pub use counted::{LanguageTokens, evaluate_counts};
pub use measure::{MeasureScratch, Measured, measure};
pub use reach::Why;
pub use renyi::renyi_entropy;
pub use spread::{Concentrated, Place, Spread};
pub use sums::LanguageEval;
pub use vocabulary::VocabularyReport;
