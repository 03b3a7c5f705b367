//! Many texts at once: signatures, band keys and similarities as rows of one array.

use gamayun_text::{Monitor, Progress};
use rayon::prelude::*;

use crate::signed::Shingler;
use crate::{DedupParams, Error, Result, Signer, sorted_set};

/// Items that are worked on between two reports to the monitor.
const WAVE: usize = 4096;

/// A row of `width` values for each item, made by `make`, in the order of the items. `make` gets a scratch that
/// is kept from item to item, the item, and its row of defaults.
pub fn by_row<T: Sync, V: Default + Copy + Send, S: Default>(
    items: &[T],
    width: usize,
    threads: usize,
    monitor: &mut dyn Monitor,
    make: impl Fn(&mut S, &T, &mut [V]) + Sync,
) -> Result<Vec<V>> {
    let pool = crate::threads::pool(threads)?;
    let mut out = vec![V::default(); items.len() * width];
    let mut progress = Progress { total: items.len() as u64, ..Progress::default() };
    for (items, rows) in items.chunks(WAVE).zip(out.chunks_mut(WAVE * width)) {
        let work = rows.par_chunks_mut(width).zip(items).with_min_len(16);
        pool.install(|| {
            work.for_each_init(S::default, |scratch, (row, item)| make(scratch, item, row));
        });
        progress.documents += items.len() as u64;
        monitor.advance(Progress { done: progress.documents, ..progress })?;
    }
    Ok(out)
}

/// Texts are normalised as those of a run are.
type Scratch = (Shingler, Vec<u64>, Vec<u32>);

/// The signatures of texts, `bands × rows` values each; all bits are set for a text without words.
pub fn signatures(
    texts: &[&str],
    params: &DedupParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<u32>> {
    let signer = Signer::new(params);
    by_row(texts, signer.values(), threads, monitor, |scratch: &mut Scratch, text, row| {
        scratch.0.shingle(text, params.shingle(), &mut scratch.1);
        signer.sign(&scratch.1, row);
    })
}

/// The band keys of texts, one for each band, below 2^56; all bits are set for a text without words.
pub fn band_keys(
    texts: &[&str],
    params: &DedupParams,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<u64>> {
    let signer = Signer::new(params);
    by_row(texts, params.bands(), threads, monitor, |scratch: &mut Scratch, text, row| {
        scratch.0.shingle(text, params.shingle(), &mut scratch.1);
        scratch.2.resize(signer.values(), 0);
        if signer.sign(&scratch.1, &mut scratch.2) {
            signer.band_keys(&scratch.2, row);
        } else {
            row.fill(u64::MAX);
        }
    })
}

/// What `measure` (as [`jaccard`](crate::jaccard) or [`containment`](crate::containment)) says of the shingle sets of
/// `a[i]` and `b[i]`.
pub fn similarities(
    a: &[&str],
    b: &[&str],
    shingle: usize,
    measure: fn(&[u64], &[u64]) -> f64,
    threads: usize,
    monitor: &mut dyn Monitor,
) -> Result<Vec<f64>> {
    crate::params::within("shingle", shingle, 1..=64, "a number from 1 to 64")?;
    if a.len() != b.len() {
        let found = format!("{} texts, beside {}", b.len(), a.len());
        return Err(Error::Parameter { parameter: "b", found, expected: "a text for each of a" });
    }
    let pairs: Vec<(&str, &str)> = a.iter().copied().zip(b.iter().copied()).collect();
    by_row(&pairs, 1, threads, monitor, |scratch: &mut Scratch, (a, b), row: &mut [f64]| {
        let mut set = |text| {
            scratch.0.shingle(text, shingle, &mut scratch.1);
            sorted_set(scratch.1.clone())
        };
        row[0] = measure(&set(a), &set(b));
    })
}
