//! Fluency: whether a text reads like text of its language, by a small model of the language's characters and word order.
//!
//! A [`Model`] says what a text costs in bits a character, which of its stretches cost more than nearly all text of the
//! language does, and whether its words stand in an order. Models of many languages are bundled ([`shipped`]); others
//! are trained ([`train`]) and read from a file.

mod characters;
mod file;
mod grams;
mod learn;
mod model;
mod order;
mod shipped;
mod symbols;
mod trainer;

pub use model::{Bucket, Fluency, Model, Scratch};
pub use shipped::{shipped, shipped_languages};
pub use trainer::{TrainParams, train};
