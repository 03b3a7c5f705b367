//! Text to language scores: reads and runs fastText model files.
//!
//! Supervised models of both formats (`.bin`, `.ftz`) and of all four losses give the same labels and the same 32-bit
//! probabilities as the official library 0.9.2 (Joulin et al. 2016, arXiv:1607.01759 and arXiv:1612.03651): every sum
//! runs in its order, and no fused multiply-add is used. A line feed inside a text counts as a space.
//!
//! ```no_run
//! use gamayun_language::{Model, Scratch};
//!
//! let model = Model::open("lid.176.ftz".as_ref())?;
//! let (mut scratch, mut scores) = (Scratch::default(), Vec::new());
//! model.predict("Привет, мир", 3, &mut scratch, &mut scores);
//! assert_eq!(model.label(scores[0].label), "ru");
//! # Ok::<(), gamayun_language::Error>(())
//! ```

mod buckets;
mod cache;
mod canonical;
mod dictionary;
mod error;
mod fasttext;
mod features;
mod header;
mod heap;
mod input;
mod iso639;
mod kernel;
mod lines;
mod model;
mod output;
mod own;
mod pages;
mod quantised;
mod reader;
mod rows;
mod scripts;
pub mod supervised;
mod tree;
mod window;

pub use canonical::canonical;
pub use error::{Error, Result};
pub use model::{Model, Score, Scratch};
pub use own::Pair;
pub use own::evaluate::{Evaluation, evaluate};
pub use own::train::{TrainParams, TrainText, refine, train};
pub use scripts::{SCRIPTS, letters};
