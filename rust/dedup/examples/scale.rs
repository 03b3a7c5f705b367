//! The cost of finding and deciding candidates among synthetic documents, a tenth of them near copies of another.
//!
//! `cargo run --release --example scale -- make FOLDER DOCUMENTS` writes band files;
//! `… -- run FOLDER DOCUMENTS THREADS MEBIBYTES` clusters them.

use std::error::Error;
use std::io::Write;
use std::path::{Path, PathBuf};

use gamayun_dedup::job::{Documents, Facts, Preference, Resources, Shingles, Wanted, cluster};
use gamayun_dedup::{BandFile, BandFileWriter, CorpusError, DedupParams, PART_DOCUMENTS, Result};
use gamayun_text::DocId;
use gamayun_text::hash::mix64;

/// The document that this one is a copy of: itself, but for one in ten.
fn original(row: u64) -> u64 {
    if row % 10 == 9 { mix64(row, 1) % row } else { row }
}

struct Synthetic;

impl Documents for Synthetic {
    fn candidates(
        &self,
        part: usize,
        wanted: &[Wanted],
        f: &mut dyn FnMut(Facts, Shingles) -> Result<()>,
    ) -> std::result::Result<(), CorpusError> {
        for want in wanted {
            let row = part as u64 * PART_DOCUMENTS + want.row;
            let of = original(row);
            let shingles = (0..if want.set { 100 } else { 0 }).map(|i| mix64(of, i)).chain([row]);
            let facts = Facts {
                id: DocId(u128::from(mix64(row, 2))),
                preference: Preference::default(),
                passed: true,
                pinned: false,
                name: "".into(),
            };
            f(facts, Shingles::Found(shingles.collect()))?;
        }
        Ok(())
    }
}

/// Writes the keys: a copy has those of its original in 12 of 14 bands.
fn make(folder: &Path, documents: u64, params: &DedupParams) -> Result<()> {
    let bands = params.bands() as u64;
    for (number, first) in (0..documents).step_by(1 << 18).enumerate() {
        let mut writer = BandFileWriter::new(folder.join(format!("{number:05}.bands")), params);
        for row in first..documents.min(first + PART_DOCUMENTS) {
            let of = |band| if mix64(row, band).is_multiple_of(7) { row } else { original(row) };
            let keys: Vec<u64> = (0..bands).map(|band| mix64(of(band), band) >> 8).collect();
            writer.push(&keys, 101, u128::from(mix64(row, 99)));
        }
        writer.finish()?;
    }
    Ok(())
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let argument =
        |at: usize| arguments.get(at).map(String::as_str).ok_or("an argument is missing");
    let (folder, documents) = (PathBuf::from(argument(1)?), argument(2)?.parse()?);
    let params = DedupParams::default();
    if argument(0)? == "make" {
        std::fs::create_dir_all(&folder)?;
        return Ok(make(&folder, documents, &params)?);
    }
    let parts = documents.div_ceil(PART_DOCUMENTS);
    let files: Vec<BandFile> = (0..parts)
        .map(|number| BandFile::open(folder.join(format!("{number:05}.bands"))))
        .collect::<Result<_>>()?;
    let memory = argument(4)?.parse::<u64>()? << 20;
    let resources =
        Resources { threads: argument(3)?.parse()?, memory, scratch: folder.join("scratch") };
    let start = std::time::Instant::now();
    let clusters = cluster(&files, &|_| true, &Synthetic, &params, &resources, &mut ())?;
    let seconds = start.elapsed().as_secs_f64();
    let bytes: u64 = std::fs::read_dir(&resources.scratch)?
        .map(|entry| Ok(entry?.metadata()?.len()))
        .sum::<std::io::Result<u64>>()?;
    let mut removed = 0;
    for part in 0..parts {
        let rows = part * PART_DOCUMENTS..documents.min((part + 1) * PART_DOCUMENTS);
        let outcomes = clusters.outcomes(rows)?;
        removed += outcomes
            .iter()
            .filter(|o| o.kept.as_ref().is_some_and(|kept| kept.document != o.document))
            .count();
    }
    writeln!(
        std::io::stdout(),
        "{documents} documents, {} candidates, {removed} removed, {bytes} bytes of scratch, {seconds:.2} s",
        clusters.candidates()
    )?;
    Ok(clusters.remove_scratch()?)
}
