//! Shards and selection again, without documents that are to go.

use std::path::{Path, PathBuf};

use arrow_array::BooleanArray;
use arrow_select::filter::filter_record_batch;
use gamayun_io::TableWriter;
use gamayun_shard::{Shard, ShardReceipt, without};
use gamayun_text::{DocId, Monitor};

use crate::error::{Error, Result};
use crate::parallel::{self, Tally, TallyMonitor};
use crate::tables::{self, Rows, id_at};

/// Writes each shard (its index) without the documents `removed` to a path without extension; `None` for one of which
/// nothing is left.
pub fn rewrite_shards(
    shards: &[(PathBuf, PathBuf)],
    mut removed: Vec<DocId>,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<Option<ShardReceipt>>> {
    removed.sort_unstable();
    let opened: Vec<Shard> =
        shards.iter().map(|(from, _)| Ok(Shard::open(from)?)).collect::<Result<_>>()?;
    let tally = Tally::of(opened.iter().map(Shard::text_bytes).sum());
    parallel::map(shards.len(), threads, &tally, monitor, |number| {
        tally.check()?;
        let target = &shards[number].1;
        Ok(without(&opened[number], &removed, target, &mut TallyMonitor::new(&tally))?)
    })
}

/// Writes a table of the selection without the documents `removed` to `target`; how many rows went.
fn rewrite_table(from: &Path, target: &Path, removed: &[DocId], tally: &Tally) -> Result<u64> {
    let mut writer = TableWriter::create(target, tables::selection())?;
    let mut gone = 0;
    for batch in gamayun_io::read_table(from, None)? {
        tally.check()?;
        let rows = Rows::new(batch?, from);
        let ids = rows.ids("doc_id")?;
        let stays: BooleanArray = (0..rows.len())
            .map(|row| Some(removed.binary_search(&id_at(ids, row)).is_err()))
            .collect();
        gone += (rows.len() - stays.true_count()) as u64;
        let left = filter_record_batch(rows.batch(), &stays)
            .map_err(|error| Error::damaged(from, error.to_string()))?;
        writer.write(&left)?;
    }
    writer.finish()?;
    Ok(gone)
}

/// Writes tables of the selection, each to a path, without the documents `removed`: how many rows went from each.
pub fn rewrite_selection(
    tables: &[(PathBuf, PathBuf)],
    mut removed: Vec<DocId>,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<u64>> {
    removed.sort_unstable();
    let tally = Tally::of(tables.len() as u64);
    parallel::map(tables.len(), threads, &tally, monitor, |number| {
        let (from, target) = &tables[number];
        let gone = rewrite_table(from, target, &removed, &tally)?;
        tally.add(1, 0, 0);
        Ok(gone)
    })
}
