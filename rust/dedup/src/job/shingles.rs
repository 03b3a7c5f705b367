//! The shingles of a candidate: a set, or as they are in its text, here or where its caller keeps them.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use crate::set_maker::SetMaker;

/// Keeps the shingles of many documents.
pub trait Keeper: Send + Sync {
    /// Gives the shingles at these places to `f`, once.
    fn with(&self, places: Range<usize>, f: &mut dyn FnMut(&[u64]));
}

/// The shingles of a document that may be compared.
#[derive(Clone)]
pub enum Shingles {
    /// Sorted and without repeats ([`crate::sorted_set`]).
    Set(Vec<u64>),
    /// In any order, repeated ones repeated.
    Found(Vec<u64>),
    /// The same, kept by another: the sets of few documents are in memory at once.
    Kept(Arc<dyn Keeper>, Range<usize>),
}

impl Shingles {
    /// How many they are, repeated ones counted if they are repeated.
    pub(crate) fn len(&self) -> usize {
        match self {
            Self::Set(shingles) | Self::Found(shingles) => shingles.len(),
            Self::Kept(_, places) => places.len(),
        }
    }

    /// The set of them.
    pub(crate) fn into_set(self, maker: &mut SetMaker) -> Vec<u64> {
        match self {
            Self::Set(set) => set,
            Self::Found(shingles) => maker.of_owned(shingles),
            Self::Kept(keeper, places) => {
                let mut set = Vec::new();
                keeper.with(places, &mut |shingles| set = maker.of(shingles));
                set
            }
        }
    }
}

impl fmt::Debug for Shingles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Self::Set(_) => "Set",
            Self::Found(_) => "Found",
            Self::Kept(..) => "Kept",
        };
        write!(f, "{kind} of {}", self.len())
    }
}
