//! The order of a stage: which window of which pool its sample `g` is, as `docs/order.md` defines it.
//!
//! Three layers, each a pure function of numbers that stand in the manifest. [`Schedule`] says which pool sample `g`
//! comes from and how many of the pool came before it; [`Stream`] says where in the shards of the pool token `t` of its
//! endless stream of epochs lies; between them, sample `k` of a pool is the tokens from `start + k × length` on.

mod blocks;
pub(crate) mod key;
mod permutation;
mod rotation;
mod schedule;
mod stream;

pub use permutation::Permutation;
pub use schedule::{BLOCK, Place, Schedule};
pub use stream::{Span, Stream};
