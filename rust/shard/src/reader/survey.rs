//! How many documents of a stage its windows cut.

use gamayun_text::{Monitor, Progress};

use super::Reader;
use super::documents::cut;
use crate::Result;

/// Documents that begin in a stage, and how they fare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cuts {
    /// Documents whose first token the stage reads, once an epoch.
    pub documents: u64,
    /// Of these, documents that do not lie whole in one stretch.
    pub cut: u64,
    /// Of these, documents longer than a window, which any layout cuts.
    pub longer: u64,
    /// Stretches of all windows.
    pub stretches: u64,
}

impl Reader {
    /// Counts the documents that the windows of the stage cut; reads the indexes of the shards alone.
    pub fn survey(&self, monitor: &mut dyn Monitor) -> Result<Cuts> {
        let mut cuts = Cuts::default();
        let total = self.windows();
        let mut done = 0;
        for (number, pool) in self.pools.iter().enumerate() {
            for sample in 0..pool.samples * self.parts() {
                self.survey_window(number, sample, &mut cuts)?;
                done += 1;
                if done % 256 == 0 || done == total {
                    let documents = cuts.documents;
                    monitor.advance(Progress { done, total, documents, bytes: 0 })?;
                }
            }
        }
        Ok(cuts)
    }

    fn survey_window(&self, number: usize, sample: u64, cuts: &mut Cuts) -> Result<()> {
        let mut left = self.window;
        for mut piece in self.pieces(number, sample)? {
            piece.len = piece.len.min(left);
            left -= piece.len;
            let shard = self.shard(piece.shard)?;
            let ends = shard.ends();
            cut(&piece, &shard, |place, stretch| {
                let start = place.checked_sub(1).map_or(0, |before| ends[before]);
                let whole = ends[place] - start;
                let begins = stretch.start == start;
                cuts.stretches += 1;
                cuts.documents += u64::from(begins);
                cuts.cut += u64::from(begins && stretch.len < whole);
                cuts.longer += u64::from(begins && whole > self.window);
            })?;
        }
        Ok(())
    }
}
