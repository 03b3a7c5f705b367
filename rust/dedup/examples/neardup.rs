//! Deduplicates a JSON Lines file of `id` and `text` and prints `removed id, kept id, similarity`, tab-separated.
//!
//! `cargo run --release --example neardup -- documents.jsonl [threads] > removed.tsv`

use std::error::Error;
use std::io::Write;

use gamayun_dedup::{DedupParams, deduplicate};

#[derive(serde::Deserialize)]
struct Document {
    id: String,
    text: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("the path of a JSON Lines file is missing")?;
    let threads = arguments.next().map_or(Ok(1), |threads| threads.parse())?;
    let file = std::fs::read_to_string(path)?;
    let documents: Vec<Document> =
        file.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    let texts: Vec<&str> = documents.iter().map(|document| document.text.as_str()).collect();
    let start = std::time::Instant::now();
    let outcomes = deduplicate(&texts, None, &DedupParams::default(), threads, &mut ())?;
    let seconds = start.elapsed().as_secs_f64();
    let mut out = std::io::stdout().lock();
    for (document, outcome) in documents.iter().zip(&outcomes) {
        if let Some((kept, similarity)) = outcome.removed() {
            let kept = usize::try_from(kept)?;
            writeln!(out, "{}\t{}\t{similarity}", document.id, documents[kept].id)?;
        }
    }
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    writeln!(std::io::stderr(), "{} texts, {bytes} bytes in {seconds:.3} s", texts.len())?;
    Ok(())
}
