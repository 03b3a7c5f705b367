//! Supervised training of models in fastText's format: exact stochastic gradient descent on all threads.
//!
//! The official library lets threads write over each other's updates, so that no two of its runs on several threads
//! are alike. Here each thread owns some *columns* of both matrices: it sums its part of a text's rows, all threads
//! exchange their parts of the few products with the output rows, and each updates its own columns. That is the descent
//! of one thread, to the bit, whatever the number of threads; the order of the examples comes from their texts and the
//! seed, so the order of the input does not matter either.

mod counts;
mod examples;
mod exchange;
mod file;
mod kernel;
mod kmeans;
mod loss;
mod order;
mod panel;
mod params;
mod quantise;
mod train;
mod trained;

pub use examples::Example;
pub use params::{TrainLoss, TrainParams, TrainSettings};
pub use quantise::QuantiseParams;
pub use train::train;
pub use trained::Trained;
