//! The list of removals of files of JSON Lines, without Python: `… --example list -- OUTPUT THREADS MEBIBYTES FILES…`.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use gamayun_dedup::DedupParams;
use gamayun_io::ReadParams;
use gamayun_run::{Compare, Layout, ListParams, OnBadRecord, Rules, Source, list_removed};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [output, threads, mebibytes, paths @ ..] = &arguments[..] else {
        return Err("expected OUTPUT THREADS MEBIBYTES FILES…".into());
    };
    let source = Source {
        name: "input".to_owned(),
        paths: paths.to_vec(),
        priority: 0,
        domain: "web".to_owned(),
        licence: String::new(),
        language: Some("und".to_owned()),
        rules: Rules::None,
        read: ReadParams::default(),
    };
    let params = ListParams {
        sources: vec![source],
        dedup: DedupParams::default(),
        compare: Compare::Near,
        keep: vec!["priority".parse()?, "longest".parse()?, "id".parse()?],
        on_bad_record: OnBadRecord::Reject,
        identity: "example".to_owned(),
        threads: threads.parse()?,
        memory: mebibytes.parse::<u64>()? << 20,
    };
    let start = Instant::now();
    let counts = list_removed(&Layout::new(output), &params, &mut ())?;
    let removed = counts.found.removed_exact + counts.found.removed_near;
    writeln!(
        std::io::stdout(),
        "{} documents, {removed} removed, {:.3} s",
        counts.read.documents,
        start.elapsed().as_secs_f64()
    )?;
    Ok(())
}
