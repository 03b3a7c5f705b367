//! The order of a pool: its documents, shard after shard, rise by shuffle key and id.

use gamayun_shard::Problem;

use super::held::Held;
use super::matching::{Found, Repeat};
use crate::error::Result;
use crate::parallel::Tally;

/// Documents between looks at whether to stop.
const STRIDE: u64 = 1 << 16;

/// The documents of a pool that stand out of order. `repeated` has the keys of those that stand more than once.
pub(super) fn pool(
    held: &Held<'_>,
    pool: usize,
    repeated: &[Repeat],
    seed: u64,
    tally: &Tally,
) -> Result<Found> {
    let (mut found, mut last) = (Found::default(), None);
    for (number, (_, shard)) in held.shards.iter().enumerate().filter(|(_, one)| one.0 == pool) {
        let number = u32::try_from(number).unwrap_or(u32::MAX);
        let begins = repeated.partition_point(|repeat| repeat.shard < number);
        let mut keys =
            repeated[begins..].iter().take_while(|repeat| repeat.shard == number).peekable();
        for (document, id) in (0..).zip(shard.doc_ids()) {
            if document % STRIDE == 0 {
                tally.check()?;
            }
            let known = keys.next_if(|repeat| repeat.document == document);
            let place = (known.map_or_else(|| id.draw(seed), |repeat| repeat.key), id);
            if last.is_some_and(|last| last >= place) {
                let offset =
                    shard.document(document).map_or(0, |d| d.start) * shard.width().bytes();
                let what = format!("document {id} stands where its shuffle key does not put it");
                found.wrong(Problem { file: shard.bin_path().to_owned(), offset, what });
            }
            last = Some(place);
        }
    }
    Ok(found)
}
