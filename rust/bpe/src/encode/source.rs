//! Where the texts of a batch come from.

use std::ops::Range;

use crate::encode::points;
use crate::{Error, Result};

/// Texts that are read when their turn comes.
pub trait TextSource: Sync {
    /// Why reading failed.
    type Error: From<Error> + Send;

    /// About how many bytes each text has.
    fn sizes(&self) -> Vec<usize>;

    /// Calls `take` with some of the texts, in order. What must be made for it may be put into the buffer, whose room is
    /// used again.
    fn read(
        &self,
        texts: Range<usize>,
        buffer: &mut TextBuffer,
        take: &mut dyn FnMut(&str) -> Result<()>,
    ) -> Result<(), Self::Error>;
}

impl TextSource for &[&str] {
    type Error = Error;

    fn sizes(&self) -> Vec<usize> {
        self.iter().map(|text| text.len()).collect()
    }

    fn read(
        &self,
        texts: Range<usize>,
        _: &mut TextBuffer,
        take: &mut dyn FnMut(&str) -> Result<()>,
    ) -> Result<()> {
        self[texts].iter().try_for_each(|text| take(text))
    }
}

/// Texts one behind the other.
#[derive(Debug, Default)]
pub struct TextBuffer {
    text: String,
    ends: Vec<usize>,
    /// Room for the code points of a text.
    points: Vec<u32>,
}

impl TextBuffer {
    /// Forgets the texts and keeps the room.
    pub fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }

    /// Adds a text.
    pub fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.ends.push(self.text.len());
    }

    /// Adds a text of so many code points, which `write` puts into the slice of that length that it is given. False, and
    /// none is added, if one of them is no character or `write` says that it failed.
    pub fn push_points(&mut self, count: usize, write: impl FnOnce(&mut [u32]) -> bool) -> bool {
        if self.points.len() < count {
            self.points.resize(count, 0);
        }
        let points = &mut self.points[..count];
        let whole = write(points) && points::append(points, &mut self.text);
        if whole {
            self.ends.push(self.text.len());
        }
        whole
    }

    /// The texts in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.text[start..end])
    }
}
