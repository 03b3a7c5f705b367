//! Reading `selection/`: what every step after it starts from.

use std::collections::BTreeSet;
use std::path::PathBuf;

use gamayun_text::Monitor;

use crate::error::{Error, Result};
use crate::layout::Layout;
use crate::parallel::{self, Tally};
use crate::tables::{Rows, for_each_batch};

/// The split that is trained on.
pub(crate) const TRAIN: &str = "train";

/// The documents of one language, domain and split: drawn from with one weight.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Pool {
    pub language: String,
    pub domain: String,
    pub split: String,
}

impl Pool {
    /// Its name: `ru-web`.
    pub(crate) fn name(&self) -> String {
        format!("{}-{}", self.language, self.domain)
    }

    /// Its folder under `shards/`: `ru-web`, or `validation/ru-web`.
    pub(crate) fn folder(&self) -> String {
        if self.split == TRAIN { self.name() } else { format!("{}/{}", self.split, self.name()) }
    }
}

/// What a selection holds: files in order, and sorted names.
pub(crate) struct Selection {
    pub files: Vec<PathBuf>,
    pub pools: Vec<Pool>,
    pub languages: Vec<String>,
    pub sources: Vec<String>,
}

impl Selection {
    /// Reads the names of all rows.
    pub(crate) fn open(layout: &Layout, threads: usize, monitor: &mut dyn Monitor) -> Result<Self> {
        let files = files(layout)?;
        let tally = Tally::of(0);
        let found = parallel::map(files.len(), threads, &tally, monitor, |number| {
            let mut found = (BTreeSet::new(), BTreeSet::new());
            for_each_batch(
                &files[number],
                &["language", "domain", "split", "source"],
                |_, rows| {
                    tally.check()?;
                    names(rows, &mut found)
                },
            )?;
            Ok(found)
        })?;
        let (mut pools, mut sources) = (BTreeSet::new(), BTreeSet::new());
        for (more_pools, more_sources) in found {
            pools.extend(more_pools);
            sources.extend(more_sources);
        }
        let languages: BTreeSet<String> = pools.iter().map(|pool| pool.language.clone()).collect();
        Ok(Self {
            files,
            pools: pools.into_iter().collect(),
            languages: languages.into_iter().collect(),
            sources: sources.into_iter().collect(),
        })
    }
}

/// The files of the selection, in order.
pub(crate) fn files(layout: &Layout) -> Result<Vec<PathBuf>> {
    let files = layout.files("selection", "part-", ".parquet")?;
    if files.is_empty() {
        return Err(Error::damaged(layout.path("selection"), "no selection: run curate first"));
    }
    Ok(files)
}

fn names(rows: &Rows<'_>, found: &mut (BTreeSet<Pool>, BTreeSet<String>)) -> Result<()> {
    let (languages, domains) = (rows.strings("language")?, rows.strings("domain")?);
    let (splits, sources) = (rows.strings("split")?, rows.strings("source")?);
    let mut last: Option<[&str; 4]> = None;
    for row in 0..rows.len() {
        let names =
            [languages.value(row), domains.value(row), splits.value(row), sources.value(row)];
        // Most rows are as the one before: no allocation for those.
        if last.replace(names) != Some(names) {
            let [language, domain, split, source] = names.map(str::to_owned);
            found.0.insert(Pool { language, domain, split });
            found.1.insert(source);
        }
    }
    Ok(())
}
