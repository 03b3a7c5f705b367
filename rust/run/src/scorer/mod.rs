//! Quality classifiers: trained from good and bad text, measured on text that training did not see, and run on files.

mod evaluation;
mod files;
mod labelled;
mod runner;
mod train;

pub use evaluation::{Calibration, Evaluation};
pub use files::{ScoreFilesParams, ScoredFiles, score_files};
pub use labelled::LabelledParams;
pub use runner::Scorer;
pub(crate) use runner::ScorerScratch;
pub use train::{ScorerEvaluated, ScorerParams, ScorerTrained, evaluate_scorer, train_scorer};
