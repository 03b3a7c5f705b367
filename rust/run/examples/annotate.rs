//! The first step of a run without Python, and its speed: `… --example annotate -- OUTPUT THREADS MODEL LANGUAGES FILES…`.

use std::error::Error;
use std::io::Write;
use std::time::Instant;

use gamayun_dedup::DedupParams;
use gamayun_io::ReadParams;
use gamayun_run::{AnnotateParams, Layout, OnBadRecord, Rules, Source, annotate};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [output, threads, model, languages, paths @ ..] = &arguments[..] else {
        return Err("expected OUTPUT THREADS MODEL LANGUAGES FILES…".into());
    };
    let source = Source {
        name: "input".to_owned(),
        paths: paths.to_vec(),
        priority: 0,
        domain: "web".to_owned(),
        licence: String::new(),
        language: None,
        rules: Rules::ByLanguage,
        read: ReadParams::default(),
    };
    let params = AnnotateParams {
        sources: vec![source],
        languages: languages.split(',').map(str::to_owned).collect(),
        lid_model: Some(model.into()),
        dedup: DedupParams::default(),
        cleaner: None,
        paragraphs: None,
        on_bad_record: OnBadRecord::Reject,
        threads: threads.parse()?,
        memory: 4 << 30,
    };
    let start = Instant::now();
    let counts = annotate(&Layout::new(output), &params, &mut ())?;
    let seconds = start.elapsed().as_secs_f64();
    writeln!(
        std::io::stdout(),
        "{} documents, {} bytes of text, {seconds:.3} s",
        counts.documents,
        counts.text_bytes,
    )?;
    Ok(())
}
