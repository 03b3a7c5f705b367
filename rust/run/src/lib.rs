//! The steps of a run: annotate, decide, dedup, select, train, tokenise, build.
//!
//! Each step is a function of (run directory, parameters) that writes parts and returns counts. Engines know nothing of
//! runs; this crate knows nothing of Python.

mod annotate;
mod annotator;
mod audit;
mod batchwise;
mod blocklist;
mod buckets;
mod build;
mod check;
mod clean_files;
mod cleaned_rows;
mod cleaning;
mod compare;
mod contents;
mod count;
mod decide;
mod decontaminate;
mod dedup;
mod draft;
mod edits;
mod error;
mod evaluate;
mod export;
mod fate;
mod held_out;
mod index;
mod language_rows;
mod layout;
mod likeness;
mod listed;
mod listing;
mod noise;
mod on_bad_record;
mod outside;
mod paragraphs;
mod parallel;
mod part;
mod part_writer;
mod passages;
mod pipeline;
mod preference;
mod profiling;
mod rejects;
mod remove;
mod scorer;
mod scoring;
mod segment_files;
mod segment_texts;
mod segments;
mod select;
mod selection;
mod sorting;
mod source;
mod spill;
mod substring_proof;
mod substrings;
mod tables;
mod tokenise;
mod trial;

pub use annotate::{AnnotateCounts, AnnotateParams, InputCount, annotate};
pub use audit::{Audited, AuditedPool, audit};
pub use batchwise::{Judged, batch_pool, judge_texts, score_texts};
pub use blocklist::{Blocked, Blocklist};
pub use buckets::{BucketParams, MOST_BUCKETS};
pub use build::{BuildCounts, PoolShards, ShardVocabulary, build_shards};
pub use check::{Promised, check_shards};
pub use clean_files::{CleanFilesParams, CleanedFiles, clean_files};
pub use cleaning::{KindCount, KindCounts, clean_texts};
pub use compare::Compare;
pub use contents::{Contents, ContentsParams, ContentsPool, check_contents};
pub use count::{
    CountCounts, CountFilesParams, CountParams, FilesCounted, LanguageCounted, count, count_files,
    merge_count_files, open_counts, open_stored, save_counts,
};
pub use decide::{DecideCounts, DecideParams, Threshold, decide};
pub use decontaminate::{
    BenchmarkCounts, BenchmarkFile, DecontaminateCounts, DecontaminateParams, FIELDS,
    decontaminate, find_benchmarks,
};
pub use dedup::{Against, DedupCounts, DedupStepParams, LargeCluster, dedup};
pub use error::{Error, Result};
pub use evaluate::{
    EvaluatedFile, LanguageOutcome, Outcome, TokenPlace, evaluate, evaluate_files, evaluate_texts,
};
pub use export::{document_formats, export_documents, export_samples, sample_formats};
pub use held_out::count_held_out;
pub use index::{
    IndexFile, IndexManifest, IndexParams, IndexPart, MergeCounts, build_index, check_index,
    merge_indexes,
};
pub use layout::Layout;
pub use listing::{ListCounts, ListParams, list_removed};
pub use noise::{NoiseCell, NoiseExample, NoiseParams, try_noise};
pub use on_bad_record::OnBadRecord;
pub use outside::OutsideParams;
pub use paragraphs::{Languages, Paragraph, ParagraphParams, foreign, languages, paragraphs};
pub use passages::{EditCounts, PassageParams, passages};
pub use preference::SurvivorKey;
pub use profiling::{
    FitFilesParams, RuleTried, Tried, TriedExample, TryFilesParams, fit_files, try_files,
};
pub use rejects::Rejects;
pub use remove::{rewrite_selection, rewrite_shards};
pub use scorer::{
    Calibration, Evaluation, LabelledParams, ScoreFilesParams, ScoredFiles, Scorer,
    ScorerEvaluated, ScorerParams, ScorerTrained, evaluate_scorer, score_files, train_scorer,
};
pub use scoring::{
    Combine, External, QualityThreshold, QualityThresholds, RunScorer, ScoringCounts,
    ScoringParams, score,
};
pub use segment_files::{SegmentFilesParams, SegmentedFiles, SegmentedLanguage, segment_files};
pub use segment_texts::segment_texts;
pub use segments::{open_segments, save_segments};
pub use select::{SelectCounts, SelectParams, SelectedPool, select};
pub use source::{Rules, Source};
pub use substrings::{SubstringParams, substrings};
pub use tokenise::{PoolCounts, TokeniseCounts, TokeniseParams, tokenise};
pub use trial::TrialParams;
